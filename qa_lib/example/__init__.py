"""The shed: an invented council, with a known truth, for whoever has no data.

Exampleshire does not exist. Nobody in it does, nothing said in it was ever said, and no figure in it is about
a real child. It is made from a seed, at any size, so that a newcomer can run every report on the first day
and so that a measure can be tried against an answer that is known beforehand:

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     written = write_council(Path(folder), audits=220, seed=1)
...     print(*(path.name for path in written[:3]), sep=", ")
audits_2011_q4.csv, audits_2012_q1.xlsx, audits_2012_q2.csv

| Room | The question it answers |
|---|---|
| `council` | Who works there, and in which months? |
| `truth` | How good is practice really, and how often is each theme really written about? |
| `dice` | How is chance used, so that shares come out as stated? |
| `diary` | Which audits were done, of which cases, on which days? |
| `gradings` | What did the auditors judge, and whom did they hear? |
| `words` | Which words do they have, and how do they set them down? |
| `texts` | What did the auditors write? |
| `caseload` | Which cases were open, and which had just been closed? |
| `moderation` | Which audits were looked at a second time, and what was found? |
| `conflicts` | Which auditors have had to do with a case before? |
| `auditors` | Who could audit in August 2013? |
| `draws` | Which cases were drawn for an audit each month, and what became of them? |
| `allocation` | What does the register of the draws say? |
| `evidence` | What did the ten other activities see, and how often is each theme really in it? |
| `observed` | In which words did they say it? |
| `actions` | What did the council promise, and what did its register say of that? |
| `themed` | What did Exampleshire's themed audits find? |
| `write` | Which files does all that make? |

`phrases.yml` and `sentences.yml` hold the words. This floor imports nothing from the rest of the library: the
truth must not be computed by the code that is measured against it.
"""

from qa_lib.example.write import write_council

__all__ = ["write_council"]
