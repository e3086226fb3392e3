// The screen of the exploration: what stands beside the drop-downs.
//
// All that it shows comes by messages from `explore.py`, and what is typed here goes back by messages; the widget's
// state, which JupyterLab may save with a notebook, holds nothing of either.
//   sent:     {ask: true}, {want: key, of: number}, {report: name}, {heading, note: text}
//   received: {frame}  the mark of a working copy, headings for notes, whether reports can be made, itables' own code
//             {busy: true}, {look: {words, keys, of: number}}, {section: {key, title, html, copies, passages, of}}
//             {report: words}, {note: words}; with {refused: words} where the answer is null
// Texts enter as text. The one markup is each section's html, in which the library has escaped every text.

const UNTIL_RUN = "The figures are shown here once the notebook has been run.";
const BUSY = "Working it out …";

function make(tag, properties = {}, ...inside) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...inside);
  return element;
}

const label = (words, field) => make("label", {}, make("span", { textContent: words }), field);

function render({ model, el }) {
  const mark = make("p", { className: "qa-mark", hidden: true });
  const words = make("p", { className: "qa-words", textContent: UNTIL_RUN });
  const status = make("p", { className: "qa-status", role: "status" });
  const forms = make("div", { className: "qa-forms" });
  const body = make("div", { className: "qa-body" });
  const sections = new Map(); // by key: {element, html, holder}
  const copied = copiedBox(status);
  const passages = passagesTable();
  let told = {}; // by form: how it says what was done
  let wanted = { keys: [], of: 0 }; // the sections still to come, of which change
  let itables = null;

  function frame({ mark: warning, headings, report, itables: code }) {
    mark.textContent = warning;
    mark.hidden = !warning;
    itables = code;
    if (forms.childElementCount) return; // asked again: what was typed stays
    if (report) told.report = reportForm(model, forms);
    if (headings.length) told.note = noteForm(model, forms, headings);
  }

  function look({ words: about, keys, of }) {
    words.textContent = about;
    wanted = { keys: [...keys], of };
    askNext();
  }

  function askNext() {
    if (wanted.keys.length) {
      model.send({ want: wanted.keys[0], of: wanted.of });
    } else {
      status.textContent = "";
      body.removeAttribute("aria-busy");
    }
  }

  function show({ key, title, html, copies, passages: rows, of }) {
    if (of !== wanted.of) return; // something else was chosen meanwhile
    const section = sections.get(key) ?? newSection(key, title, body, sections);
    const now = JSON.stringify([html, copies]);
    if (section.now !== now) {
      const focus = whereFocus(section.holder);
      if (section.element.contains(copied.element)) copied.close();
      section.now = now;
      section.holder.innerHTML = html;
      section.holder.querySelectorAll("table").forEach(table => {
        table.dataset.table = table.id; // the notebook's own cells may show a table of the same id
        table.removeAttribute("id");
        addCopies(table, copies[table.dataset.table] ?? [], copied);
      });
      focus?.();
    }
    if (key === "passages") passages.show(section.element, rows, itables);
    wanted.keys = wanted.keys.filter(one => one !== key);
    askNext();
  }

  function hear(message) {
    keepKeys(el);
    if (message.busy) {
      status.textContent = BUSY;
      body.setAttribute("aria-busy", "true");
      return;
    }
    if (message.frame) frame(message.frame);
    for (const form of ["report", "note"]) {
      if (form in message) told[form]?.(message[form] ?? message.refused, message[form] !== null);
    }
    if (message.look) look(message.look);
    if (message.section) show(message.section);
    if (message.look === null || message.section === null) {
      status.textContent = message.refused;
      body.removeAttribute("aria-busy");
    }
  }

  el.classList.add("qa-screen");
  el.append(make("div", { className: "qa-head" }, mark, words, status), forms, body);
  model.on("msg:custom", hear);
  model.send({ ask: true });
  return () => model.off("msg:custom", hear);
}

// JupyterLab takes keys for itself: on a drop-down, an arrow would go to another cell. Those that are pressed in here stay
// here, but for the likes of Ctrl+S. (Lumino's data-lm-suppress-shortcuts would have to stand on every single field.)
function keepKeys(el) {
  const output = el.closest(".jp-OutputArea-output");
  if (!output || output.classList.contains("qa-output")) return;
  output.classList.add("qa-output");
  output.addEventListener("keydown", event => {
    const isCommand = (event.ctrlKey || event.metaKey) && event.key !== "Enter";
    if (!isCommand) event.stopPropagation();
  });
}

function newSection(key, title, body, sections) {
  const id = `qa-${key}-${crypto.randomUUID()}`;
  const holder = make("div");
  const element = make("section", {}, make("h3", { id, textContent: title, tabIndex: -1 }), holder);
  element.dataset.section = key;
  element.setAttribute("aria-labelledby", id);
  body.append(element);
  sections.set(key, { element, holder, now: "" });
  return sections.get(key);
}

// If the focus is within: a way to give it to what comes in its place, or else to the section's heading.
function whereFocus(holder) {
  const active = document.activeElement;
  if (!holder.contains(active)) return null;
  const table = active.querySelector("table") ?? active.closest("table");
  const row = active.closest("tr")?.rowIndex;
  return () => {
    const same = [...holder.querySelectorAll("table")].find(one => one.dataset.table === table?.dataset.table);
    const place = row === undefined ? same?.closest("[tabindex]") : same?.rows[row]?.querySelector("button");
    (place ?? holder.previousElementSibling).focus({ preventScroll: true });
  };
}

// --- copying ---------------------------------------------------------------------------------------------------------

function addCopies(table, copies, copied) {
  if (!copies.some(([text]) => text)) return;
  const head = make("th", { className: "qa-copy", scope: "col" }, make("span", { textContent: "Copy" }));
  table.tHead.rows[0].append(head);
  [...table.tBodies[0].rows].forEach((row, at) => {
    const [text, reference] = copies[at] ?? ["", ""];
    const cell = row.insertCell();
    cell.className = "qa-copy";
    if (!text) return;
    const button = make("button", { type: "button", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy: ${row.cells[0].textContent}`);
    button.addEventListener("click", () => copied.open(table, text, reference));
    cell.append(button);
  });
}

// The box in which what was copied can be read, and copied by hand where the clipboard is not open to a page.
function copiedBox(status) {
  const text = make("textarea", { readOnly: true, rows: 3, className: "qa-copied-text" });
  const reference = make("input", { readOnly: true, type: "text", className: "qa-copied-reference" });
  const again = make("button", { type: "button", textContent: "Copy the name" });
  const line = make("div", {}, label("Its name, in the commentary of a report about the same part", reference), again);
  const element = make("div", { className: "qa-copied" }, label("The figure, as copied", text), line);

  async function copy(field) {
    try {
      await navigator.clipboard.writeText(field.value);
      status.textContent = "Copied.";
    } catch {
      field.focus();
      status.textContent = "The browser does not let this page copy. The text is selected: press Ctrl+C.";
    }
  }

  again.addEventListener("click", () => copy(reference));
  for (const field of [text, reference]) field.addEventListener("focus", () => field.select());
  return {
    element,
    open(table, words, name) {
      text.value = words;
      reference.value = name;
      line.hidden = !name;
      (table.closest(".table-wrap") ?? table).after(element);
      element.scrollIntoView({ block: "nearest" });
      copy(text);
    },
    close: () => element.remove(),
  };
}

// --- forms -----------------------------------------------------------------------------------------------------------

// A folded form, which sends what `read` gives; given back is how it says what was done.
function form(place, title, fields, action, send, done) {
  const answer = make("p", { className: "qa-answer", role: "status" });
  const button = make("button", { type: "submit", textContent: action });
  const inside = make("form", {}, ...fields, make("div", {}, button), answer);
  inside.addEventListener("submit", event => {
    event.preventDefault();
    answer.textContent = "…";
    send();
  });
  place.append(make("details", {}, make("summary", { textContent: title }), inside));
  return (words, well) => {
    answer.textContent = words;
    answer.classList.toggle("qa-refused", !well);
    if (well) done();
  };
}

function reportForm(model, place) {
  const name = make("input", { type: "text", required: true, spellcheck: false, autocomplete: "off" });
  const send = () => model.send({ report: name.value.trim() });
  const field = label("Name of its params file, such as 2013_q1_planning", name);
  return form(place, "Make this a report", [field], "Make the report", send, () => {});
}

function noteForm(model, place, headings) {
  const heading = make("select", {}, ...headings.map(words => make("option", { textContent: words, value: words })));
  const note = make("textarea", { rows: 4, required: true });
  const send = () => model.send({ heading: heading.value, note: note.value });
  const fields = [label("Heading that it stands under", heading), label("Note", note)];
  return form(place, "Note for the commentary", fields, "Keep the note", send, () => (note.value = ""));
}

// --- passages --------------------------------------------------------------------------------------------------------

// A table of `itables`, shown by its own code; the model that this code reads is ours, and is saved nowhere.
function passagesTable() {
  const element = make("div", { className: "qa-passages" });
  const heard = {};
  let values = null;
  let loaded = null;
  const model = {
    get: name => values[name],
    on: (event, then) => (heard[event] = then),
    set: () => {},
    save_changes: () => {},
  };

  async function start({ esm, css }) {
    const address = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
    const code = await import(address);
    URL.revokeObjectURL(address);
    element.append(make("style", { textContent: css }));
    code.default.render({ model, el: element });
  }

  return {
    show(section, rows, code) {
      element.hidden = !rows;
      if (!rows || !code || JSON.stringify(rows._dt_args.data_json) === JSON.stringify(values?._dt_args.data_json)) return;
      values = rows;
      section.append(element);
      if (loaded === null) loaded = start(code);
      else loaded.then(() => heard["change:_dt_args"]());
    },
  };
}

export default { render };
