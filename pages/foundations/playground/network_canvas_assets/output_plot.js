// The large picture: what the output, or the unit that is looked at, says all over the plane; with the points.

const AXIS = { left: 22, bottom: 18, top: 2, right: 2 };
const RADIUS = 3.4;

class Surface {
  constructor(figure) {
    this.stage = figure.querySelector(".stage");
    [this.plane, this.dots, this.cross] = figure.querySelectorAll(".stage canvas");
    this.sheet = document.createElement("canvas");
    this.pointed = null; // a place of the plane, as [x, y]
  }

  resize(width) {
    this.inner = Math.round(width - AXIS.left - AXIS.right);
    this.width = width;
    this.height = this.inner + AXIS.top + AXIS.bottom;
    this.ratio = Math.min(devicePixelRatio, 2);
    this.stage.style.height = `${this.height}px`;
    for (const canvas of [this.plane, this.dots, this.cross]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
    }
  }

  cleared(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    return context;
  }

  project([x, y]) {
    return [AXIS.left + ((x + EDGE) / (2 * EDGE)) * this.inner, AXIS.top + ((EDGE - y) / (2 * EDGE)) * this.inner];
  }

  // The place of the plane under the pointer, or null beside it.
  placeOf(event) {
    const box = this.cross.getBoundingClientRect();
    const x = ((event.clientX - box.left - AXIS.left) / this.inner) * 2 * EDGE - EDGE;
    const y = EDGE - ((event.clientY - box.top - AXIS.top) / this.inner) * 2 * EDGE;
    return Math.abs(x) <= EDGE && Math.abs(y) <= EDGE ? [x, y] : null;
  }

  drawPlane(values, side, options, colours) {
    const size = this.inner, { sheet } = this;
    if (sheet.width !== size) sheet.width = sheet.height = size;
    paintLarge(sheet.getContext("2d"), values, side, size, options, colours);
    const context = this.cleared(this.plane);
    context.drawImage(sheet, AXIS.left, AXIS.top, size, size);
  }

  // Axes and points: circles to learn from, squares of the test, diamonds that say when to stop.
  drawDots({ train, test, validation }, look, classes, colours) {
    const context = this.cleared(this.dots);
    this.drawAxes(context, look);
    const shade = (y) => (classes ? look.points[Number(y > 0.5)] : css(colours.shades[Math.round((y + 1) * SHADES)]));
    const draw = (points, trace, rim) => {
      for (let at = 0; at < points.length; at += 3) {
        const [x, y] = this.project([points[at], points[at + 1]]);
        context.beginPath();
        trace(x, y);
        context.fillStyle = shade(points[at + 2]);
        context.strokeStyle = rim;
        context.lineWidth = 1.2;
        context.fill();
        context.stroke();
      }
    };
    draw(test, (x, y) => context.rect(x - 2.8, y - 2.8, 5.6, 5.6), look.ink);
    draw(validation, (x, y) => {
      for (const [dx, dy] of [[-1, 0], [0, -1], [1, 0], [0, 1], [-1, 0]]) context.lineTo(x + 4.4 * dx, y + 4.4 * dy);
    }, look.ink);
    draw(train, (x, y) => context.arc(x, y, RADIUS, 0, 2 * Math.PI), classes ? look.rim : look.quiet);
  }

  drawAxes(context, look) {
    context.strokeStyle = look.border;
    context.strokeRect(AXIS.left - 0.5, AXIS.top - 0.5, this.inner + 1, this.inner + 1);
    context.font = `11px ${look.font}`;
    context.fillStyle = look.quiet;
    for (const value of [-6, -3, 0, 3, 6]) {
      const [x, y] = this.project([value, value]), text = String(value).replace("-", "−");
      context.textAlign = value === -6 ? "left" : value === 6 ? "right" : "center";
      context.fillText(text, x, this.height - 5);
      if (!value) continue; // there the edges of the output come in
      context.textAlign = "right";
      context.fillText(text, AXIS.left - 4, clamp(y + 4, 10, this.inner));
    }
  }

  drawCross(look) {
    const context = this.cleared(this.cross);
    if (!this.pointed) return;
    const [x, y] = this.project(this.pointed);
    for (const [colour, width] of [[look.rim, 3], [look.ink, 1.2]]) {
      context.beginPath();
      context.moveTo(x, AXIS.top);
      context.lineTo(x, AXIS.top + this.inner);
      context.moveTo(AXIS.left, y);
      context.lineTo(AXIS.left + this.inner, y);
      context.globalAlpha = 0.45;
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
    context.globalAlpha = 1;
    context.beginPath();
    context.arc(x, y, 4.5, 0, 2 * Math.PI);
    context.strokeStyle = look.ink;
    context.lineWidth = 1.6;
    context.stroke();
  }
}

const css = (pixel) => `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
