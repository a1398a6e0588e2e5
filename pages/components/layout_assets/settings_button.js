// The button that opens and closes the sheet of controls on a phone.

class SettingsButton {
  constructor(button) {
    this.root = this.button = button;
    this.onClick = () => this.open(!document.documentElement.hasAttribute("data-settings"));
    button.addEventListener("click", this.onClick);
  }

  show({ label }) {
    this.button.textContent = label;
    this.button.setAttribute("aria-expanded", document.documentElement.hasAttribute("data-settings"));
  }

  open(opened) {
    document.documentElement.toggleAttribute("data-settings", opened);
    this.button.setAttribute("aria-expanded", opened);
  }

  destroy() {
    this.button.removeEventListener("click", this.onClick);
    this.open(false);
  }
}

export default mount(".settings", SettingsButton);
