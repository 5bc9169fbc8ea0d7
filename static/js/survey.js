/* Answering a survey works without this. With it: questions that depend on an answer of the same page appear at once, a choice
   that is not required can be taken back, and no two things get the same place of a ranking. */
(() => {
  const form = document.querySelector("form.sv-form");
  if (!form) return;
  const look = async () => {
    const data = new FormData(form);
    data.set("do", "look");
    const answer = await fetch(form.action || location.href, { method: "POST", body: new URLSearchParams(data), headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { shown } = await answer.json();
    form.querySelectorAll("[data-code]").forEach((question) => {
      question.hidden = question.disabled = !shown.includes(question.dataset.code);
    });
    form.elements.seen.value = shown.join(",");
  };
  let waiting;
  form.addEventListener("change", ({ target }) => {
    if (target.dataset.place) {
      const taken = [...form.querySelectorAll(`[data-place="${CSS.escape(target.dataset.place)}"]`)].find((each) => each !== target && each.value && each.value === target.value);
      if (taken) taken.value = target.dataset.was || "";
    }
    form.querySelectorAll("[data-place]").forEach((each) => (each.dataset.was = each.value));
    if (form.dataset.live) {
      clearTimeout(waiting);
      waiting = setTimeout(look, 150);
    }
  });
  form.querySelectorAll("[data-place]").forEach((each) => (each.dataset.was = each.value));
  let held;
  form.addEventListener("pointerdown", ({ target }) => {
    const radio = target.closest("label")?.querySelector("input[type=radio]:not([required])");
    held = radio?.checked ? radio : null;
  });
  form.addEventListener("click", ({ target }) => {
    if (target === held) {
      held.checked = false;
      held.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (target.matches?.("input")) held = null;
  });
  /* sent once, however often the button is pressed */
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => delete form.dataset.sent);
})();
