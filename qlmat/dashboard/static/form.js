// Parts of a form, made by hand: nothing is sent by the browser itself, text goes in as text.

import { make } from "./dom.js";

let count = 0;
const nextId = () => `part-${(count += 1)}`;

// One of several: a group of radio buttons. `options`: [value, words]. `.value` reads or chooses; null for none.
export function choice(title, options, big = false) {
  const name = nextId();
  const buttons = options.map(([value]) => make("input", { type: "radio", name, value, id: nextId() }));
  const labels = options.map(([, words], i) => make("label", { class: "pick", for: buttons[i].id }, buttons[i], make("span", {}, words)));
  const root = make("fieldset", { class: big ? "choice big" : "choice" }, make("legend", {}, title), make("div", { class: "picks" }, ...labels));
  return {
    root,
    get value() {
      return buttons.find((button) => button.checked)?.value ?? null;
    },
    set value(wanted) {
      for (const button of buttons) button.checked = button.value === wanted;
    },
    get busy() {
      return root.contains(document.activeElement);
    },
  };
}

// A line of text or a number, with its unit behind it and a word of help below.
export function line(title, { unit = "", help = "", ...attributes } = {}) {
  const input = make("input", { id: nextId(), ...attributes });
  const parts = [make("label", { for: input.id }, title), make("span", { class: "with-unit" }, input, unit)];
  if (help) {
    const words = make("small", { id: nextId() }, help);
    input.setAttribute("aria-describedby", words.id);
    parts.push(words);
  }
  return { root: make("div", { class: "line-of" }, ...parts), input };
}

// A button that waits for what it does, and says beside it what came of it.
export function action(words, act, kind = "plain") {
  const button = make("button", { type: "button", class: kind }, words);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await act();
    } finally {
      button.disabled = false;
      if (document.activeElement === document.body) button.focus(); // a disabled button loses it
    }
  });
  return button;
}

export const card = (title, ...parts) => {
  const heading = make("h2", { id: nextId(), class: "label" }, title);
  return make("section", { class: "card", "aria-labelledby": heading.id }, heading, ...parts);
};
