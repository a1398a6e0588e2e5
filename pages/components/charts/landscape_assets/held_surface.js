// A surface that Python sends once. The page stores it for the trajectories, which are sent repeatedly.

const surfaces = (window.playgroundSurfaces ??= Object.assign(new EventTarget(), { byId: new Map() }));

class HeldSurface {
  constructor(root) {
    this.root = root;
  }

  show(data) {
    surfaces.byId.set(data.id, data);
    for (const id of [...surfaces.byId.keys()].slice(0, -8)) surfaces.byId.delete(id);
    surfaces.dispatchEvent(new Event("arrived"));
  }

  destroy() {}
}

export default mount(".held-surface", HeldSurface);
