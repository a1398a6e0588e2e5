// The large plot: the output of the network or of the inspected unit over the plane, with the points.

const MARGIN = { left: 22, bottom: 18, top: 2, right: 2 };
const RADIUS = 3.4;

class OutputPlot {
  constructor(figure) {
    this.stage = figure.querySelector(".stage");
    [this.outputLayer, this.pointsLayer, this.crosshair] = figure.querySelectorAll(".stage canvas");
    this.offscreen = document.createElement("canvas");
    this.pointed = null; // position in the plane as [x, y], or null
  }

  resize(width) {
    this.inner = Math.round(width - MARGIN.left - MARGIN.right);
    this.width = width;
    this.height = this.inner + MARGIN.top + MARGIN.bottom;
    this.ratio = Math.min(devicePixelRatio, 2);
    this.stage.style.height = `${this.height}px`;
    for (const canvas of [this.outputLayer, this.pointsLayer, this.crosshair]) {
      canvas.width = Math.round(this.width * this.ratio);
      canvas.height = Math.round(this.height * this.ratio);
    }
  }

  clear(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    return context;
  }

  project([x, y]) {
    const across = (x + AXIS_LIMIT) / (2 * AXIS_LIMIT), down = (AXIS_LIMIT - y) / (2 * AXIS_LIMIT);
    return [MARGIN.left + across * this.inner, MARGIN.top + down * this.inner];
  }

  // Return the position of the pointer in the plane, or null outside the plane.
  positionOf(event) {
    const box = this.crosshair.getBoundingClientRect();
    const x = ((event.clientX - box.left - MARGIN.left) / this.inner) * 2 * AXIS_LIMIT - AXIS_LIMIT;
    const y = AXIS_LIMIT - ((event.clientY - box.top - MARGIN.top) / this.inner) * 2 * AXIS_LIMIT;
    return Math.abs(x) <= AXIS_LIMIT && Math.abs(y) <= AXIS_LIMIT ? [x, y] : null;
  }

  drawOutput(values, side, options, colours) {
    const size = this.inner, { offscreen } = this;
    if (offscreen.width !== size) offscreen.width = offscreen.height = size;
    paintSmooth(offscreen.getContext("2d"), values, side, size, options, colours);
    const context = this.clear(this.outputLayer);
    context.drawImage(offscreen, MARGIN.left, MARGIN.top, size, size);
  }

  // Draw axes and points: circles for training, squares for testing, diamonds for validation.
  drawPoints({ train, test, validation }, look, classes, colours) {
    const context = this.clear(this.pointsLayer), scale = this.inner < 150 ? 0.5 : 1;
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
    draw(test, (x, y) => context.rect(x - 2.8 * scale, y - 2.8 * scale, 5.6 * scale, 5.6 * scale), look.ink);
    draw(validation, (x, y) => {
      for (const [dx, dy] of [[-1, 0], [0, -1], [1, 0], [0, 1], [-1, 0]]) context.lineTo(x + 4.4 * dx, y + 4.4 * dy);
    }, look.ink);
    draw(train, (x, y) => context.arc(x, y, RADIUS * scale, 0, 2 * Math.PI), classes ? look.rim : look.quiet);
  }

  drawAxes(context, look) {
    context.strokeStyle = look.border;
    context.strokeRect(MARGIN.left - 0.5, MARGIN.top - 0.5, this.inner + 1, this.inner + 1);
    context.font = `12px ${look.font}`;
    context.fillStyle = look.quiet;
    if (this.inner < 150) return; // too small for numbers
    for (const value of [-6, -3, 0, 3, 6]) {
      const [x, y] = this.project([value, value]), text = String(value).replace("-", "−");
      context.textAlign = value === -6 ? "left" : value === 6 ? "right" : "center";
      context.fillText(text, x, this.height - 5);
      if (!value) continue; // the edges of the network end here
      context.textAlign = "right";
      context.fillText(text, MARGIN.left - 4, clamp(y + 4, 10, this.inner));
    }
  }

  drawCrosshair(look) {
    const context = this.clear(this.crosshair);
    if (!this.pointed) return;
    const [x, y] = this.project(this.pointed);
    for (const [colour, width] of [[look.rim, 3], [look.ink, 1.2]]) {
      context.beginPath();
      context.moveTo(x, MARGIN.top);
      context.lineTo(x, MARGIN.top + this.inner);
      context.moveTo(MARGIN.left, y);
      context.lineTo(MARGIN.left + this.inner, y);
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
