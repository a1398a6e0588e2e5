// Test images one at a time, with the prediction for each, or the camera with live predictions.

class ImageTester {
  pending = [];
  last = 0;
  answers = new Map(); // responses of the server by version and key
  parts = new Map(); // occlusion maps with a text by version and key

  constructor(root) {
    this.root = root;
    root.innerHTML = `
      <div class="answer" role="status"><img class="mini" alt=""><p class="headline"></p></div>
      <div class="stage">
        <div class="view"><img class="large"><video playsinline muted></video><p class="message" role="status"></p></div>
        <div class="bars" role="group"></div>
      </div>
      <p class="told"></p>
      <div class="actions">
        <button type="button" class="next main"></button><button type="button" class="pick"></button>
        <button type="button" class="eye"></button><button type="button" class="mattered" aria-pressed="false"></button>
        <button type="button" class="retry"></button><button type="button" class="take main"></button><button type="button" class="turn"></button>
        <label class="photo"><input type="file" accept="image/*" capture="environment"><span></span></label>
        <select class="correct"></select><button type="button" class="drop-image"></button>
      </div>
      <ul class="strip"></ul>
      <input type="file" class="files" multiple hidden accept="image/*,.zip">`;
    const parts = { mini: ".mini", headline: ".headline", large: ".large", video: "video", view: ".view", message: ".message", told: ".told", next: ".next", pick: ".pick", eye: ".eye", mattered: ".mattered", retry: ".retry", take: ".take", turn: ".turn", photo: ".photo", correct: ".correct", dropImage: ".drop-image", strip: ".strip", files: ".files", barsRoot: ".bars" };
    for (const [name, selector] of Object.entries(parts)) this[name] = root.querySelector(selector);
    this.bars = new Bars(this.barsRoot);
    this.camera = new Camera(this.video, (state, problem) => this.follow(state, problem));
    root.dataset.camera = "off";
    this.listen();
  }

  listen() {
    this.listening = new AbortController();
    const on = (target, kind, react) => target.addEventListener(kind, react, { signal: this.listening.signal });
    on(this.next, "click", () => this.choose((this.index + 1) % this.data.images.length));
    on(this.pick, "click", () => this.files.click());
    on(this.eye, "click", () => (this.root.dataset.camera === "off" ? this.camera.start() : this.camera.stop()));
    on(this.retry, "click", () => this.camera.start());
    on(this.turn, "click", () => this.camera.turn());
    on(this.take, "click", () => this.takeImage());
    on(this.mattered, "click", () => this.toggleParts());
    on(this.correct, "change", () => this.teach());
    on(this.dropImage, "click", () => this.edit({ kind: "remove", keys: [this.image.key] }));
    on(this.strip, "click", ({ target }) => {
      const key = target.closest("button")?.dataset.key;
      if (key) this.choose(this.data.images.findIndex((image) => image.key === key));
    });
    for (const input of [this.files, this.photo.querySelector("input")]) {
      on(input, "change", () => {
        this.give([...input.files].map((file) => ({ file, path: file.name })));
        input.value = "";
      });
    }
    on(this.root, "dragover", (event) => event.preventDefault());
    on(this.root, "drop", async (event) => {
      event.preventDefault();
      this.give(await droppedFiles(event.dataTransfer));
    });
  }

  destroy() {
    this.destroyed = true;
    this.listening.abort();
    this.camera.destroy();
  }

  show(data) {
    const { words } = data, before = this.data?.version;
    this.data = data;
    if (this.exchange?.address !== data.address) this.exchange = new Exchange(data.address);
    this.last = Math.max(this.last, data.applied);
    this.pending = this.pending.filter(({ number }) => number > data.applied);
    if (this.pending.length) this.send();
    if (before !== data.version) {
      for (const kept of [this.answers, this.parts]) if (kept.size > 300) kept.clear();
    }
    this.word(words);
    const newest = data.images.find(({ key, own }) => own && this.known && !this.known.has(key));
    this.known = new Set(data.images.map(({ key }) => key));
    if (newest) this.key = newest.key;
    this.showStrip();
    this.showImage();
    if (data.notice && data.notice.number !== this.noticed) {
      this.noticed = data.notice.number;
      this.remark = [data.notice.text, ...data.notice.details].join(" ");
      this.tell();
    }
  }

  word(words) {
    const said = { next: "next", pick: "upload", mattered: "parts", retry: "retry", take: "take", turn: "turn", dropImage: "remove" };
    for (const [name, word] of Object.entries(said)) this[name].textContent = words[word] ?? words.camera[word];
    this.photo.querySelector("span").textContent = words.camera.photo;
    this.eye.textContent = this.root.dataset.camera === "off" ? words.openCamera : words.closeCamera;
    this.large.alt = words.image;
    this.barsRoot.setAttribute("aria-label", words.shares);
    this.strip.setAttribute("aria-label", words.images);
    this.files.setAttribute("aria-label", words.upload);
    this.correct.setAttribute("aria-label", words.correctHelp);
    this.correct.title = words.correctHelp;
    const { classes } = this.data;
    this.correct.replaceChildren(new Option(words.correct, ""), ...classes.map(([name, title]) => new Option(title, name)));
  }

  // ---- The selected image

  get image() {
    return this.data.images[this.index];
  }

  get index() {
    return Math.max(0, this.data.images.findIndex(({ key }) => key === this.key));
  }

  get id() {
    return this.idOf(this.image);
  }

  idOf(image) {
    return `${this.data.version} ${image?.key}`;
  }

  choose(index) {
    this.key = this.data.images[index]?.key;
    this.remark = "";
    this.camera.stop();
    this.showStrip();
    this.showImage();
  }

  showStrip() {
    const { images, thumbnails } = this.data;
    const made = (this.made ??= new Map());
    const items = images.map(({ key }) => {
      const source = this.exchange.url(`${thumbnails}/${key}`);
      if (!made.has(source)) {
        const item = document.createElement("li"), button = document.createElement("button"), image = new Image();
        Object.assign(image, { loading: "lazy", decoding: "async", alt: "", src: source });
        button.type = "button";
        button.dataset.key = key;
        button.append(image, document.createElement("span"));
        item.append(button);
        made.set(source, item);
      }
      made.get(source).firstChild.setAttribute("aria-pressed", String(key === this.image?.key));
      return made.get(source);
    });
    if (items.length !== this.strip.children.length || items.some((item, at) => item !== this.strip.children[at])) {
      this.strip.replaceChildren(...items);
    }
    this.nameStrip();
  }

  // Writes the predicted class under each image whose prediction is known.
  nameStrip() {
    const { images, titles, words } = this.data;
    images.forEach((image, at) => {
      const button = this.strip.children[at].firstChild, shares = this.answers.get(this.idOf(image))?.shares;
      const predicted = shares?.length === titles.length ? titles[shares.indexOf(Math.max(...shares))] : "";
      button.lastChild.textContent = predicted;
      button.toggleAttribute("data-wrong", Boolean(predicted && image.label && image.label !== predicted));
      const text = [image.name, predicted && `${words.prediction} ${predicted}`, image.label && fill(words.label, image)];
      button.title = text.filter(Boolean).join(" · ");
      button.setAttribute("aria-label", button.title);
    });
  }

  showImage() {
    if (this.root.dataset.camera === "on") return;
    const { image, data } = this, showsParts = this.mattered.getAttribute("aria-pressed") === "true";
    const parts = showsParts ? this.parts.get(this.id) : null;
    if (image) {
      const source = parts?.image ?? this.exchange.url(`${data.sources}/${image.key}`);
      if (this.large.src !== source) this.large.src = source;
      this.mini.src = this.exchange.url(`${data.thumbnails}/${image.key}`);
    }
    this.large.hidden = this.mini.hidden = !image;
    this.next.disabled = data.images.length < 2;
    this.mattered.disabled = this.correct.disabled = !image || !data.version;
    if (this.root.dataset.camera === "off") this.message.textContent = image ? "" : data.words.none;
    this.dropImage.hidden = !image?.own;
    this.showAnswer(data.version ? this.answers.get(this.id) : null);
    if (data.version) this.ask();
    if (image && data.version && showsParts && !parts) this.askParts();
  }

  showAnswer(answer) {
    const { words, titles, version, guidance } = this.data, { image } = this;
    if (answer && !this.camera.stream) this.shown = answer;
    if (!version) this.shown = null;
    this.root.dataset.guides = String(!version);
    const shares = (answer ?? this.shown)?.shares;
    const fits = shares?.length === titles.length ? shares : null;
    this.bars.show(titles, fits);
    const top = fits ? fits.indexOf(Math.max(...fits)) : -1;
    this.root.dataset.pending = String(!answer && Boolean(version));
    if (!version) this.headline.textContent = guidance;
    else if (answer && !answer.shares) this.headline.textContent = words.notFinite;
    else if (answer && fits) {
      const live = this.root.dataset.camera === "on", name = document.createElement("b");
      name.textContent = titles[top];
      const pieces = [live ? words.live : words.prediction, " ", name, ` ${Math.round(100 * fits[top])}%`];
      if (!live && image?.label && image.label !== titles[top]) {
        const label = document.createElement("span");
        label.className = "label";
        label.textContent = fill(words.label, { label: image.label });
        pieces.push(" ", label);
      }
      this.headline.replaceChildren(...pieces);
    } else this.headline.textContent = image || this.root.dataset.camera === "on" ? words.waiting : words.start;
    this.tell(answer, fits && titles[top]);
  }

  // Shows whether the image is new, notes on its conversion, or the important regions.
  tell(answer = this.answers.get(this.id), predicted = "") {
    const { words } = this.data;
    if (this.root.dataset.camera === "on") return;
    const parts = this.mattered.getAttribute("aria-pressed") === "true" ? this.parts.get(this.id) : null;
    let text = this.remark || words[answer?.novelty] || "";
    if (parts) {
      const percent = (share) => Math.floor(100 * share);
      const values = { predicted: predicted || this.data.titles[parts.predicted], whole: Math.round(100 * parts.whole), least: percent(parts.least) };
      text = fill(parts.matters ? words.important : words.unimportant, values);
    }
    this.told.textContent = text;
  }

  // The image whose prediction is needed next: the selected image first.
  unanswered() {
    const isNew = (image) => image && !this.answers.has(this.idOf(image));
    return isNew(this.image) ? this.image : this.data.images.find(isNew);
  }

  // Fetches the predictions of all images, one at a time, while the camera is off.
  async ask() {
    if (this.asking) return;
    this.asking = true;
    for (let image; !this.destroyed && this.data.version && this.root.dataset.camera !== "on" && (image = this.unanswered()); ) {
      const id = this.idOf(image);
      try {
        const { answer, wait } = await this.exchange.ask(`predict/${image.key}`, this.data.version);
        if (answer) this.answers.set(id, answer);
        else await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
      } catch (error) {
        if (error.message !== "404") this.told.textContent = this.data.words.failed; // 404: replaced, new data follow
        break;
      }
      this.nameStrip();
      if (this.id === id && this.answers.has(id) && this.root.dataset.camera !== "on") this.showImage();
    }
    this.asking = false;
  }

  toggleParts() {
    this.mattered.setAttribute("aria-pressed", String(this.mattered.getAttribute("aria-pressed") !== "true"));
    this.showImage();
  }

  async askParts() {
    const id = this.id;
    if (this.askedParts === id) return;
    this.askedParts = id;
    this.told.textContent = this.data.words.waiting;
    try {
      const { answer } = await this.exchange.ask(`occlusion/${this.image.key}`, this.data.version);
      if (answer) this.parts.set(id, answer);
      else this.told.textContent = this.data.words.busy;
    } catch {
      this.told.textContent = this.data.words.failed;
    }
    this.askedParts = null;
    if (this.id === id && this.parts.has(id)) this.showImage();
  }

  // ---- The camera

  follow(state, problem) {
    const { words } = this.data;
    this.root.dataset.camera = state;
    this.root.dataset.problem = problem ?? "";
    this.eye.textContent = state === "off" ? words.openCamera : words.closeCamera;
    this.message.textContent = state === "on" || state === "off" ? "" : words.camera[problem ?? state];
    this.shown = null;
    if (state === "on") {
      this.showAnswer(null);
      this.live();
    }
    else this.showImage();
  }

  // One frame at a time: the next frame is taken after the response to the previous frame, when the server has time.
  async live() {
    const turn = (this.turnOfLive = {}), stamps = [];
    this.told.textContent = "";
    while (this.turnOfLive === turn && this.camera.state === "on" && !this.destroyed) {
      const frame = this.data.version ? await this.camera.frame() : null;
      let wait = 0.33;
      if (frame) {
        const began = performance.now();
        try {
          const reply = await this.exchange.ask("frame", frame);
          if (this.camera.state !== "on" || this.turnOfLive !== turn) return;
          wait = Math.max(0, reply.wait - (performance.now() - began) / 1000);
          if (reply.answer) {
            this.showAnswer(reply.answer);
            stamps.push(performance.now());
            if (stamps.length > 6) stamps.shift();
            const rate = (1000 * (stamps.length - 1)) / (stamps.at(-1) - stamps[0]);
            if (stamps.length > 2) this.told.textContent = fill(this.data.words.frames, { rate: rate.toFixed(1) });
          } else this.told.textContent = this.data.words.busy;
        } catch {
          this.told.textContent = this.data.words.failed;
          wait = 2;
        }
      } else if (this.data.version) this.told.textContent = this.data.words.camera.dark;
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
    }
  }

  async takeImage() {
    const frame = await this.camera.frame();
    if (!frame) return void (this.told.textContent = this.data.words.camera.dark);
    this.camera.stop();
    this.give([{ file: frame, path: `camera ${new Date().toTimeString().slice(0, 8).replaceAll(":", ".")}.jpg` }]);
  }

  // ---- Messages to Python

  teach() {
    const name = this.correct.value;
    this.correct.value = "";
    if (name && this.image) this.edit({ kind: "teach", name, keys: [this.image.key] });
  }

  async give(files) {
    const sent = [];
    this.remark = "";
    try {
      for (const { file, path } of files) sent.push({ id: await this.exchange.keep(file), path });
    } catch {
      this.told.textContent = this.data.words.failed;
    }
    if (sent.length) this.edit({ kind: "files", files: sent });
  }

  edit(edit) {
    this.pending.push({ number: ++this.last, ...edit });
    this.send();
  }

  send() {
    this.component.setTriggerValue("edits", this.pending);
  }
}

export default mount(".image-tester", ImageTester);
