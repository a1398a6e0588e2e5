// ---- Shared by both views. A view projects points of the square to x and y on the canvas, and a hidden flag.

class View {
  outlines = [];

  constructor(figure) {
    this.stage = figure.querySelector(".stage");
    [this.base, this.top] = figure.querySelectorAll("canvas");
  }

  showSurface(surface) {
    this.scene = surface;
  }

  showTracks(tracks, start) {
    this.start = start;
    this.paths = tracks.map((track) => ({ ...clipped(track, this.pieces), track }));
  }

  // Adopts the size of its element; returns whether it has changed.
  resize(ratio) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    if (!width || !height || (width === this.width && height === this.height && ratio === this.ratio)) return false;
    Object.assign(this, { width, height, ratio });
    for (const canvas of [this.base, this.top]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    return true;
  }

  // Whether the background under the trajectories must be repainted. That is slow, and a drag changes only trajectories.
  groundChanges(...shown) {
    const before = this.painted;
    this.painted = JSON.stringify([this.scene.id, this.width, this.height, this.ratio, this.look.dark, ...shown]);
    return this.painted !== before;
  }

  cleared(canvas) {
    const context = canvas.getContext("2d");
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.lineJoin = context.lineCap = "round";
    context.font = `12px ${this.look.font}`;
    context.fillStyle = this.look.quiet;
    return context;
  }

  // Draws the static parts on the background of a view: whole paths and minima.
  drawResting(context) {
    const { look, paths, outlines, scene } = this;
    for (const path of [...paths, ...outlines]) {
      const points = path.t.map((_, k) => this.project(path.x[k], path.y[k]));
      [path.px, path.py, path.hidden] = [0, 1, 2].map((part) => points.map((point) => point[part]));
      trace(context, path);
      context.globalAlpha = path.track ? 0.45 : 1;
      stroked(context, path.track ? path.track.colours[look.dark] : look.rim, path.track ? 1.3 : 1);
    }
    context.globalAlpha = 1;
    scene.minima.forEach((minimum) => this.mark(context, drawStar, minimum));
  }

  mark(context, draw, [x, y]) {
    if (!inside(x, y)) return;
    const [px, py, hidden] = this.project(x, y);
    if (!hidden) draw(context, [px, py], this.look);
  }

  drawMoving(step, steps) {
    const context = this.cleared(this.top), { look, paths } = this;
    for (const path of paths) {
      const colour = path.track.colours[look.dark];
      trace(context, path, step);
      context.globalAlpha = 0.85;
      if (!path.track.dashed) stroked(context, look.halo, 5);
      context.globalAlpha = 1;
      context.setLineDash(path.track.dashed ? [7, 7] : []);
      stroked(context, colour, 2.4);
      context.setLineDash([]);
      if (steps <= FEW_STEPS) this.drawSteps(context, path, step, colour);
    }
    for (const path of paths) this.drawHead(context, path, step, path.track.colours[look.dark]);
  }

  drawSteps(context, path, step, colour) {
    for (let k = 0; k < reached(path, step); k++) {
      if (!Number.isInteger(path.t[k]) || path.hidden[k]) continue;
      circle(context, [path.px[k], path.py[k]], 2.8);
      filled(context, colour);
    }
  }

  drawHead(context, path, step, colour) {
    const here = position(path, step), last = path.t.length - 1;
    if (path.track.end && step >= path.track.steps) {
      if (last >= 0 && !path.hidden[last]) drawCross(context, [path.px[last], path.py[last]], colour, this.look.halo);
    } else if (here) {
      circle(context, here, 5.5);
      filled(context, colour, this.look.halo);
    }
  }
}

