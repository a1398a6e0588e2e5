// The keyframes of a run on the page: groups of images, texts, and tables at several updates.

const MAX_KEPT = 24; // maximum number of copies of a group during training
const FRAME = /st-key-frame_(\w+)_(newest|\d+)(?!\S)/;

class Keyframes {
  constructor() {
    this.style = document.head.appendChild(document.createElement("style"));
    this.copies = new Map(); // copies of each group by update
    this.shown = [];
  }

  // Shows the last frame of every group at or before an update; null means the newest frame.
  show(step) {
    const rules = [];
    for (const copy of this.shown.splice(0)) copy.remove();
    if (step !== null) {
      const before = (steps) => steps.sort((a, b) => a - b).findLast((at) => at <= step) ?? steps[0];
      for (const [group, steps] of this.groups()) {
        rules.push(`.st-key-frame_${group}_newest{visibility:hidden!important}`);
        const copies = this.copies.get(group);
        if (steps.length) rules.push(`.st-key-frame_${group}_${before(steps)}{visibility:visible!important}`);
        else if (copies?.size) this.showCopy(group, copies.get(before([...copies.keys()])));
        else rules.pop();
      }
    }
    const text = rules.join("");
    if (this.style.textContent !== text) this.style.textContent = text;
  }

  // Returns the updates that the server has drawn for each group on the page, except the newest.
  groups() {
    const groups = new Map();
    for (const frame of document.querySelectorAll('[class*="st-key-frame_"]')) {
      const [, group, at] = frame.className.match(FRAME) ?? [];
      if (!group) continue;
      if (!groups.has(group)) groups.set(group, []);
      if (at !== "newest") groups.get(group).push(Number(at));
    }
    return groups;
  }

  showCopy(group, copy) {
    document.querySelector(`.st-key-keyframes_${group}`)?.append(copy);
    this.shown.push(copy);
  }

  // Stores copies of the newest frames, which the server overwrites during training.
  keep(step) {
    for (const frame of document.querySelectorAll('[class*="st-key-frame_"]')) {
      const [, group, at] = frame.className.match(FRAME) ?? [];
      if (at !== "newest") continue;
      if (!this.copies.has(group)) this.copies.set(group, new Map());
      const copies = this.copies.get(group), copy = frame.cloneNode(true);
      copy.className = copy.className.replace(FRAME, "");
      copies.set(step, copy);
      if (copies.size > MAX_KEPT) [...copies.keys()].forEach((kept, number) => number % 2 && copies.delete(kept));
    }
  }

  forget() {
    this.show(null);
    this.copies.clear();
  }

  destroy() {
    this.forget();
    this.style.remove();
  }
}
