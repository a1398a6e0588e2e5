// The snapshots of a run, and the displayed snapshot: at the playhead, or the newest. While a run trains, new snapshots
// are shown one after another until more snapshots arrive.

const MAX_SPEED = 120 / 1000; // snapshots per millisecond
const LAST_ONES = 900; // milliseconds for showing the last snapshots of a run

const decoded = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

class Player {
  // Start another run. `still`: whether to show the newest snapshot at once.
  begin(run, still) {
    Object.assign(this, { run, still, snapshots: [], position: 0, before: null, speed: 0, at: null });
  }

  // Add snapshots. `poll`: milliseconds until more snapshots arrive, if the run is active.
  add({ steps, weights, gradients, numbers }, { complete, poll }) {
    const known = new Map(this.snapshots.map((snapshot) => [snapshot.step, snapshot])), step = this.shown?.step;
    const all = decoded(weights), slopes = decoded(gradients), size = all.length / steps.length;
    steps.forEach((at, row) => {
      const part = (values) => values.subarray(row * size, (row + 1) * size);
      if (known.has(at)) return;
      known.set(at, { step: at, weights: part(all), gradients: part(slopes), numbers: numbers[row] });
    });
    if (known.size > this.snapshots.length) {
      const fraction = this.position % 1;
      this.snapshots = [...known.values()].sort((one, other) => one.step - other.step);
      this.position = Math.max(0, this.snapshots.findIndex((snapshot) => snapshot.step === step)) + fraction;
    }
    if (this.still && this.at === null) this.position = this.last;
    this.speed = Math.max(MAX_SPEED / 10, (this.last - this.position) / (complete ? LAST_ONES : poll * 1.15));
  }

  get last() {
    return Math.max(0, this.snapshots.length - 1);
  }

  get shown() {
    return this.snapshots[Math.floor(this.position)];
  }

  get moving() {
    return this.at === null && !this.atEnd;
  }

  get atEnd() {
    return this.position >= this.last;
  }

  // The displayed update, interpolated between two snapshots.
  get step() {
    const { step } = this.shown, next = this.snapshots[Math.floor(this.position) + 1];
    return next ? mix(step, next.step, this.position % 1) : step;
  }

  // Follow the playhead to an update (null: the newest). Return whether the displayed update changes.
  follow(step) {
    const from = this.position, returns = step === null && this.at !== null;
    this.at = step;
    if (returns) this.position = this.last;
    if (step === null || !this.snapshots.length) return this.position !== from;
    const after = this.snapshots.findIndex((snapshot) => snapshot.step > step);
    if (after === 0) this.position = 0;
    else if (after < 0) this.position = this.last;
    else {
      const low = this.snapshots[after - 1].step;
      this.position = after - 1 + (step - low) / (this.snapshots[after].step - low);
    }
    return this.position !== from;
  }

  // Show the next snapshots; return whether the view changes.
  advance(now) {
    const passed = Math.min(now - (this.before ?? now), 100), from = this.position;
    this.before = now;
    if (!this.moving) return false;
    this.position = Math.min(this.position + passed * this.speed, this.last);
    if (this.atEnd) this.before = null;
    return this.position !== from;
  }

  // Return the displayed weights: from one snapshot, or interpolated linearly between two snapshots.
  weights() {
    const { weights } = this.shown, next = this.snapshots[Math.floor(this.position) + 1], share = this.position % 1;
    return share && next ? weights.map((weight, at) => mix(weight, next.weights[at], share)) : weights;
  }
}
