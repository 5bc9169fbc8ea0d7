/* The survey builder after a swap: inputs show what is stored (a morph leaves what was typed in them), all but the one that is
   being typed in, and the preview shows the question that is edited. */
(() => {
  const fresh = (input) => {
    if (input === document.activeElement) return;
    if (input.type === "checkbox" || input.type === "radio") input.checked = input.defaultChecked;
    else if (input.options) [...input.options].forEach((option) => (option.selected = option.defaultSelected));
    else if (input.type !== "hidden" && "defaultValue" in input) input.value = input.defaultValue;
  };
  const follow = () => {
    const device = document.querySelector(".sb-device");
    const shown = device?.querySelector(".sb-shown.on");
    if (shown) device.scrollTop += shown.getBoundingClientRect().top - device.getBoundingClientRect().top - 24;
  };
  document.addEventListener("htmx:after:swap", () => {
    const form = document.querySelector("#edit-form");
    if (form && !form.querySelector("[data-errors]")) [...form.elements].forEach(fresh);
    follow();
  });
  follow();
})();
