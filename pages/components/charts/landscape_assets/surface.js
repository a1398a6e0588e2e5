// ---- The surface in 3-D: triangles with a depth buffer, which also hides parts of trajectories

class SurfaceView extends View {
  pieces = 40;
  outlines = [clipped({ x: [0, 1, 1, 0, 0], y: [0, 0, 1, 1, 0] }, MESH - 1)];
  turn = -0.5; // around the vertical axis; 0 is the orientation of the map
  tilt = 0.98; // 0 is from the side, π/2 from above
  sheet = document.createElement("canvas");

  showSurface(scene) {
    super.showSurface(scene);
    this.heights = resampled(scene.heights, scene, MESH, MESH);
    this.solid = resampled(scene.solid, scene, MESH, MESH);
    this.light = this.heights.map((_, at) => this.lightAt(at % MESH, Math.floor(at / MESH)));
  }

  get scale() {
    return Math.min(this.width / 2.2, this.height / 1.75) / Math.hypot(1, this.scene.aspect);
  }

  // Brightness of a mesh point, by the angle between its normal and the light from the west.
  lightAt(column, row) {
    const height = (x, y) => this.heights[clamp(y, 0, MESH - 1) * MESH + clamp(x, 0, MESH - 1)];
    const slope = (RELIEF * (MESH - 1)) / 4;
    const dx = (height(column + 1, row) - height(column - 1, row)) * slope;
    const dy = ((height(column, row + 1) - height(column, row - 1)) * slope) / this.scene.aspect;
    return 0.76 + (0.28 * (0.6 * dx - 0.3 * dy + 0.74)) / Math.hypot(dx, dy, 1);
  }

  // Projects a point above the unit square: its position on the canvas and its distance.
  seen(x, y, height) {
    const { turn, tilt, scene } = this, up = (height - 0.5) * RELIEF;
    const east = 2 * x - 1, north = (2 * y - 1) * scene.aspect;
    const across = east * Math.cos(turn) - north * Math.sin(turn);
    const back = east * Math.sin(turn) + north * Math.cos(turn);
    const depth = back * Math.cos(tilt) - up * Math.sin(tilt), near = (DISTANCE / (DISTANCE + depth)) * this.scale;
    const above = up * Math.cos(tilt) + back * Math.sin(tilt);
    return [this.width / 2 + across * near, this.height * 0.47 - above * near, depth];
  }

  project(x, y) {
    const [px, py, depth] = this.seen(x, y, this.between(this.heights, x, y));
    const nearest = this.depths[Math.floor(py * this.fine) * this.image.width + Math.floor(px * this.fine)];
    return [px, py, depth > nearest + 0.05 || this.between(this.solid, x, y) < 0.5];
  }

  between(field, x, y) {
    const cell = (share) => Math.min(Math.floor(share * (MESH - 1)), MESH - 2), column = cell(x), row = cell(y);
    const right = x * (MESH - 1) - column, over = y * (MESH - 1) - row, at = row * MESH + column;
    return mix(mix(field[at], field[at + 1], right), mix(field[at + MESH], field[at + MESH + 1], right), over);
  }

  // Twice the page resolution at rest, for smooth edges; coarser while turning.
  drawBase(turning) {
    this.fine = turning ? 1 : 2;
    if (this.groundChanges(this.fine, this.turn, this.tilt)) this.paintSheet();
    const context = this.cleared(this.base), { image, sheet, fine } = this;
    this.drawFloor(context);
    context.imageSmoothingQuality = "high";
    context.drawImage(sheet, 0, 0, image.width / fine, image.height / fine);
    this.drawResting(context);
  }

  drawResting(context) {
    super.drawResting(context);
    this.mark(context, drawStart, this.start);
  }

  paintSheet() {
    this.drawMesh();
    const { image, sheet } = this;
    Object.assign(sheet, { width: image.width, height: image.height });
    sheet.getContext("2d").putImageData(image, 0, 0);
  }

  drawFloor(context) {
    const { words } = this, side = (x, y) => this.seen(x, y, 0).slice(0, 2);
    context.beginPath();
    for (const [x, y] of [[0, 0], [1, 0], [1, 1], [0, 1]]) context.lineTo(...side(x, y));
    context.closePath();
    stroked(context, this.look.border, 1);
    context.textAlign = "center";
    context.fillText(words.x, ...side(0.5, Math.cos(this.turn) > 0 ? -0.07 : 1.07));
    context.fillText(words.y, ...side(Math.sin(this.turn) > 0 ? -0.07 : 1.07, 0.5));
  }

  drawMesh() {
    const width = Math.ceil(this.width * this.fine), height = Math.ceil(this.height * this.fine);
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.depths = new Float32Array(width * height);
    }
    this.pixels.fill(0);
    this.depths.fill(Infinity);
    const points = Array.from(this.heights, (height, at) => {
      const [x, y, depth] = this.seen((at % MESH) / (MESH - 1), Math.floor(at / MESH) / (MESH - 1), height);
      return { x: x * this.fine, y: y * this.fine, depth, height, light: this.light[at], solid: this.solid[at] };
    });
    for (let at = 0; at < MESH * (MESH - 1); at++) {
      if (at % MESH === MESH - 1) continue;
      this.drawTriangle(points[at], points[at + 1], points[at + MESH]);
      this.drawTriangle(points[at + MESH + 1], points[at + MESH], points[at + 1]);
    }
  }

  drawTriangle(a, b, c) {
    const abX = b.x - a.x, abY = b.y - a.y, acX = c.x - a.x, acY = c.y - a.y, area = abX * acY - abY * acX;
    if (area === 0 || Math.max(a.solid, b.solid, c.solid) < 0.5) return;
    const { width, height } = this.image, abHeight = b.height - a.height, acHeight = c.height - a.height;
    const first = (...places) => Math.max(Math.ceil(Math.min(...places) - 0.5), 0);
    const left = first(a.x, b.x, c.x), right = Math.min(Math.max(a.x, b.x, c.x) - 0.5, width - 1);
    const top = first(a.y, b.y, c.y), bottom = Math.min(Math.max(a.y, b.y, c.y) - 0.5, height - 1);
    const slope = Math.hypot(abHeight * acY - acHeight * abY, acHeight * abX - abHeight * acX) / Math.abs(area);
    const side = area > 0 ? 0.72 : 1; // the underside is darker
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x + 0.5 - a.x, dy = y + 0.5 - a.y;
        const toB = (dx * acY - dy * acX) / area, toC = (dy * abX - dx * abY) / area;
        if (toB < -1e-6 || toC < -1e-6 || toB + toC > 1 + 1e-6) continue;
        const at = y * width + x, depth = a.depth + toB * (b.depth - a.depth) + toC * (c.depth - a.depth);
        const solid = a.solid + toB * (b.solid - a.solid) + toC * (c.solid - a.solid);
        if (depth >= this.depths[at] || solid < 0.5) continue;
        this.depths[at] = depth;
        const light = (a.light + toB * (b.light - a.light) + toC * (c.light - a.light)) * side;
        const surface = a.height + toB * abHeight + toC * acHeight;
        this.pixels[at] = pixel(surface, slope * 0.7 * this.fine, light, 1, this.look.colours);
      }
    }
  }
}
