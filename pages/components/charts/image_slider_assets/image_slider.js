// A slider that moves through the lines of a sheet of images.

const positions = (window.playgroundSliderPositions ??= new Map()); // kept while a slider is hidden

class ImageSlider {
  constructor(root) {
    this.root = root;
    this.range = root.querySelector("input");
    this.range.addEventListener("input", () => {
      positions.set(this.data.key, Number(this.range.value));
      this.draw();
    });
  }

  show(data) {
    this.data = data;
    Object.assign(this.range, { min: 0, max: data.lines - 1, step: 1 });
    this.range.value = positions.get(data.key) ?? data.start;
    this.range.setAttribute("aria-label", data.label);
    this.root.querySelector(".label").textContent = data.label;
    const figures = this.root.querySelector(".figures");
    while (figures.children.length < data.captions.length) {
      const figure = document.createElement("figure"), canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      figure.append(canvas, document.createElement("figcaption"));
      figures.append(figure);
    }
    if (this.url !== data.url) {
      this.url = data.url;
      this.sheet = new Image();
      this.sheet.addEventListener("load", () => this.draw());
      this.sheet.src = new URL(data.url, document.baseURI);
    }
    this.draw();
  }

  draw() {
    const { captions, lines } = this.data, line = Number(this.range.value), { sheet } = this;
    const percent = Math.round((100 * line) / (lines - 1)), size = sheet.naturalHeight / lines;
    this.range.style.setProperty("--done", `${percent}%`);
    this.root.querySelector("output").textContent = `${percent}%`;
    this.range.setAttribute("aria-valuetext", `${percent}%`);
    [...this.root.querySelectorAll("figure")].forEach((figure, at) => {
      const [canvas, caption] = figure.children, text = fill(captions[at], { percent, rest: 100 - percent });
      caption.textContent = text;
      canvas.setAttribute("aria-label", text);
      if (!sheet.complete || !size) return;
      if (canvas.width !== size) canvas.width = canvas.height = size;
      canvas.getContext("2d").drawImage(sheet, at * size, line * size, size, size, 0, 0, size, size);
    });
    this.root.dataset.line = line;
  }

  destroy() {}
}

export default mount(".image-slider", ImageSlider);
