// The camera inside a card: the button records a burst of images for as long as it is held.

const RATE = 8; // images per second

class Recorder {
  images = [];

  // `recorded(blobs)` is called with the images of each burst.
  constructor(words, recorded, close) {
    Object.assign(this, { words, recorded });
    this.root = document.createElement("div");
    this.root.className = "recorder";
    this.root.innerHTML = `
      <div class="view"><video playsinline muted></video><p class="message" role="status"></p></div>
      <div class="buttons">
        <button type="button" class="hold main"></button>
        <button type="button" class="turn"></button>
        <button type="button" class="shut"></button>
        <label class="photo"><input type="file" accept="image/*" capture="environment"><span></span></label>
        <p class="told" role="status"></p>
      </div>`;
    const parts = { video: "video", message: ".message", hold: ".hold", turn: ".turn", shut: ".shut", photo: ".photo", told: ".told" };
    for (const [name, selector] of Object.entries(parts)) this[name] = this.root.querySelector(selector);
    this.hold.textContent = words.hold;
    this.turn.textContent = words.camera.turn;
    this.shut.textContent = words.closeCamera;
    this.photo.querySelector("span").textContent = words.camera.photo;
    this.camera = new Camera(this.video, (state, problem) => this.follow(state, problem));
    this.hold.addEventListener("pointerdown", (event) => this.begin(event));
    for (const kind of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
      this.hold.addEventListener(kind, () => this.end());
    }
    this.hold.addEventListener("contextmenu", (event) => event.preventDefault()); // long press
    this.hold.addEventListener("keydown", (event) => [" ", "Enter"].includes(event.key) && !event.repeat && this.begin(event));
    this.hold.addEventListener("keyup", () => this.end());
    this.turn.addEventListener("click", () => this.camera.turn());
    this.shut.addEventListener("click", close);
    this.photo.querySelector("input").addEventListener("change", ({ target }) => {
      this.recorded([...target.files]);
      target.value = "";
    });
    this.camera.start();
  }

  follow(state, problem) {
    this.root.dataset.state = state;
    this.root.dataset.problem = problem ?? "";
    if (state !== "on") this.end();
    this.hold.disabled = state === "starting";
    const words = { problem: this.words.camera.retry, off: this.words.camera.open };
    this.hold.textContent = words[state] ?? this.words.hold;
    this.message.textContent = state === "on" || state === "off" ? "" : this.words.camera[problem ?? state];
  }

  async begin(event) {
    event.preventDefault();
    if (this.camera.state !== "on") return this.camera.start();
    if (this.recording) return;
    if (event.pointerId !== undefined) this.hold.setPointerCapture(event.pointerId);
    this.recording = true;
    this.root.dataset.recording = "true";
    this.images = [];
    this.dark = 0;
    while (this.recording && this.images.length < this.room) {
      const began = performance.now(), image = await this.camera.frame();
      if (image) this.images.push(image);
      else this.dark += 1;
      this.told.textContent = this.dark && !image ? this.words.camera.dark : fill(this.words.recorded, { count: this.images.length });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 1000 / RATE - (performance.now() - began))));
    }
    delete this.root.dataset.recording;
    this.recording = false;
    if (this.images.length) this.recorded(this.images);
    this.images = [];
  }

  end() {
    this.recording = false;
  }

  destroy() {
    this.end();
    this.camera.destroy();
    this.root.remove();
  }
}
