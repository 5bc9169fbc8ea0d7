/* The whole client side besides htmx: dialogs, toasts, menus, search, shortcuts, uploads, copying, chart tips.
   Listeners are delegated, so swapped-in HTML needs no set-up. CSP-safe: no eval, nothing inline. */
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (type, listener, capture) => document.addEventListener(type, listener, capture);

  /* ---- menus: popovers placed under their button (CSS anchor positioning is not Baseline yet) ---- */

  const ITEMS = "a,button,select,input:not([type=hidden])";
  const place = (menu) => {
    const button = $(`[popovertarget="${menu.id}"]`).getBoundingClientRect();
    const box = menu.getBoundingClientRect();
    const { clientWidth, clientHeight } = document.documentElement;
    let top = button.bottom + 4;
    if (top + box.height > clientHeight - 8) top = Math.max(8, button.top - box.height - 4);
    const left = button.left + box.width > clientWidth - 8 ? button.right - box.width : button.left;
    menu.style.top = top + "px";
    menu.style.left = Math.max(8, Math.min(left, clientWidth - box.width - 8)) + "px";
  };

  on("toggle", (event) => {
    const menu = event.target;
    if (!menu.matches?.(".menu[popover]")) return;
    /* htmx copies style attributes on swap, and a strict CSP would log each */
    if (event.newState !== "open") return menu.removeAttribute("style");
    place(menu);
    $(ITEMS, menu)?.focus({ preventScroll: true });
  }, true);

  on("keydown", (event) => {
    const menu = event.target.closest?.(".menu:popover-open");
    /* in a select and in a text the arrows have their own work */
    if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("select,input:not([type=checkbox])")) return;
    event.preventDefault();
    step($$(ITEMS, menu), document.activeElement, event.key)?.focus();
  });

  const step = (items, current, key) => {
    const at = items.indexOf(current);
    return items[(at + (key === "ArrowDown" ? 1 : items.length - 1)) % items.length];
  };

  /* ---- the way back: the page is loaded anew, once, however fast somebody goes. htmx misses a step that comes before it
     has started, and drops the second of two ---- */

  let arrival;
  addEventListener("popstate", (event) => {
    if (!event.state?.htmx) return;
    clearTimeout(arrival);
    arrival = setTimeout(() => location.reload(), 60);
  });
  on("htmx:before:history:restore", (event) => event.preventDefault());

  /* ---- dialogs: what is swapped into #dialog opens it; the server closes it with HX-Trigger: close-dialog ---- */

  on("htmx:after:swap", (event) => {
    /* a select that somebody used keeps its value through a morph, also where the answer says another */
    $$("select.quick").forEach((select) => (select.value = $("option[selected]", select)?.value ?? ""));
    const dialog = $("#dialog");
    if (dialog?.childElementCount && !dialog.open) dialog.showModal();
    if ($("#palette")?.open) mark(options()[0]);
    const wanted = $("[data-focus]")?.dataset.focus;
    if (wanted && document.activeElement === document.body) ($(`[name="${wanted}"]`) ?? $(`button[value="${wanted}"]`))?.focus();
    if (event.detail?.ctx?.response?.status === 422 || event.detail?.ctx?.response?.status === 409) focusError();
  });
  on("close-dialog", () => $("#dialog")?.close());
  on("close", (event) => {
    if (event.target.id === "dialog") event.target.replaceChildren();
  }, true);

  on("click", (event) => {
    const dialog = event.target.closest("dialog");
    if (event.target.closest("[data-close]") || (event.target === dialog && dialog.matches(".modal"))) dialog.close();
    if (event.target.closest("[data-palette]")) openPalette();
    if (event.target.closest("[data-help]")) $("#shortcuts")?.showModal();
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
    /* after the click, so that a form in the toast is still sent */
    const toast = event.target.closest("[data-dismiss]")?.closest(".toast");
    if (toast) setTimeout(() => leave(toast));
  });

  /* the first field that is wrong, else the summary of what is */
  const focusError = () => {
    const wrong = $("[aria-invalid=true]") ?? $("[data-errors]");
    if (wrong && !wrong.contains(document.activeElement)) wrong.focus();
  };
  focusError();

  /* hx-confirm="Question", in our own dialog; only for what cannot be undone */
  on("htmx:confirm", (event) => {
    const question = event.detail.ctx?.confirm;
    if (!question) return;
    event.preventDefault();
    const dialog = document.createElement("dialog");
    dialog.className = "modal";
    dialog.setAttribute("aria-label", "Please confirm");
    dialog.innerHTML =
      '<form method="dialog"><div class="modal-b"><p></p></div><div class="modal-f">' +
      '<button class="btn" value="">Cancel</button><button class="btn danger" value="yes">Continue</button></div></form>';
    $("p", dialog).textContent = question;
    document.body.append(dialog);
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.returnValue ? event.detail.issueRequest() : event.detail.dropRequest();
      dialog.remove();
    });
  });

  /* ---- toasts: they leave by themselves, not while the pointer or the focus is on them ---- */

  const leave = (toast) => {
    toast.classList.add("leaving");
    setTimeout(() => toast.remove(), 220);
  };
  const startLeaving = (toast) => {
    let left = +toast.dataset.toast, started, timer;
    const go = () => {
      started = Date.now();
      timer = setTimeout(() => leave(toast), left);
    };
    const stop = () => {
      clearTimeout(timer);
      left -= Date.now() - started;
    };
    toast.addEventListener("pointerenter", stop);
    toast.addEventListener("pointerleave", go);
    toast.addEventListener("focusin", stop);
    toast.addEventListener("focusout", go);
    go();
  };
  const say = (text) => {
    const toast = Object.assign(document.createElement("div"), { className: "toast" });
    toast.dataset.toast = 8000;
    toast.append(Object.assign(document.createElement("span"), { textContent: text }));
    $("#toasts").append(toast);
  };
  new MutationObserver((changes) =>
    changes.flatMap((change) => [...change.addedNodes]).filter((node) => node.matches?.("[data-toast]")).forEach(startLeaving),
  ).observe($("#toasts"), { childList: true });
  $$("[data-toast]").forEach(startLeaving);
  on("htmx:error", () => say("That did not reach the server. Check the connection and try again."));

  /* ---- search behind Ctrl K, and single-key shortcuts ---- */

  const openPalette = () => {
    const palette = $("#palette");
    if (!palette || palette.open) return;
    palette.showModal();
    htmx.process(palette); // it looks at a page a moment after this script runs; who types faster would search in vain
    const input = $("input", palette);
    input.select();
    htmx.trigger(input, "opened"); // a request of the input itself: what is typed next takes its place
  };
  const options = () => $$("#found [role=option]");
  const mark = (chosen) => {
    if (!chosen) return;
    options().forEach((option) => option.setAttribute("aria-selected", option === chosen));
    chosen.scrollIntoView({ block: "nearest" });
    $("#palette input").setAttribute("aria-activedescendant", chosen.id);
  };
  const inPalette = (event) => {
    const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
    if (["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      mark(step(options(), chosen, event.key));
    } else if (event.key === "Enter" && chosen) {
      event.preventDefault();
      location.assign(chosen.href);
    }
  };

  const OFF = "shortcuts-off";
  let wentAt = 0;
  const singleKey = (key, event) => {
    if (Date.now() - wentAt < 900) {
      wentAt = 0;
      return $(`.nav a[data-key="${CSS.escape(key)}"]`)?.click();
    }
    if (key === "g") wentAt = Date.now();
    if (key === "?") $("#shortcuts")?.showModal();
    if (key === "/") {
      event.preventDefault();
      const search = $("main input[type=search]");
      search ? search.focus() : openPalette();
    }
  };
  on("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      return openPalette();
    }
    if ($("#palette")?.open) return inPalette(event);
    const typing = event.target.matches?.("input,textarea,select,[contenteditable]");
    if (typing || event.metaKey || event.ctrlKey || event.altKey || $("dialog[open]") || localStorage[OFF]) return;
    singleKey(event.key, event);
  });
  const single = $("[data-shortcuts]");
  if (single) single.checked = !localStorage[OFF];
  on("change", (event) => {
    if (event.target === single) single.checked ? localStorage.removeItem(OFF) : (localStorage[OFF] = 1);
  });

  /* ---- copying; without the clipboard (plain http) the text is selected for the person to copy ---- */

  const copyText = async (button) => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      say("Copied.");
    } catch {
      button.parentElement.querySelector("input")?.select();
      say(document.execCommand("copy") ? "Copied." : "Press Ctrl C to copy the selected text.");
    }
  };

  /* ---- forms with data-upload show how much of a file is sent: fetch cannot tell, XMLHttpRequest can ---- */

  on("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (!ctx.sourceElement.matches("[data-upload]")) return;
    ctx.request.timeout = 0;
    ctx.fetch = (url, request) => send(url, request, progressOf(ctx.sourceElement));
  });
  const progressOf = (form) => {
    const bar = $("progress", form) ?? form.appendChild(document.createElement("progress"));
    bar.className = "progress";
    bar.max = 1;
    bar.setAttribute("aria-label", "Sending the file");
    bar.hidden = false;
    return bar;
  };
  const send = (url, request, bar) =>
    new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(request.method, url);
      Object.entries(request.headers).forEach(([name, value]) => xhr.setRequestHeader(name, value));
      xhr.upload.onprogress = (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      };
      /* sent: how long reading takes is not known */
      xhr.upload.onload = () => bar.removeAttribute("value");
      xhr.onloadend = () => (bar.hidden = true);
      xhr.onerror = () => reject(new TypeError("network"));
      xhr.onabort = () => reject(new DOMException("aborted", "AbortError"));
      xhr.onload = () => resolve(new Response(xhr.status === 204 ? null : xhr.responseText, { status: xhr.status, headers: headersOf(xhr) }));
      request.signal?.addEventListener("abort", () => xhr.abort());
      xhr.send(request.body);
    });
  const headersOf = (xhr) =>
    xhr.getAllResponseHeaders().trim().split("\r\n").filter(Boolean).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);

  /* ---- groups of a report fold: a row is shown while every group that it lies in is open ---- */

  const open = (button, isOpen) => button.setAttribute("aria-expanded", isOpen);
  on("click", (event) => {
    const button = event.target.closest("[data-fold]"), all = event.target.closest("[data-fold-all]");
    if (!button && !all) return;
    const table = button ? button.closest("table") : all.closest(".answer-box").querySelector("table");
    button ? open(button, button.getAttribute("aria-expanded") !== "true") : $$("[data-fold]", table).forEach((each) => open(each, all.dataset.foldAll === "open"));
    const folded = new Set($$('[data-fold][aria-expanded="false"]', table).map((each) => each.dataset.fold));
    $$("[data-within]", table).forEach((row) => (row.hidden = row.dataset.within.split(" ").some((group) => folded.has(group))));
  });

  /* ---- an answer that takes long is given up: the server notices that nobody waits, and stops its question ---- */

  on("click", (event) => {
    if (!event.target.closest("[data-cancel]")) return;
    $$("[hx-get].htmx-request").forEach((asking) => {
      asking.dispatchEvent(new Event("htmx:abort"));
      if (!asking.matches(".tile")) return;
      const again = Object.assign(document.createElement("a"), { href: asking.getAttribute("hx-get"), textContent: "Open this tile" });
      const words = Object.assign(document.createElement("p"), { className: "muted", textContent: "Stopped. " });
      words.append(again);
      asking.replaceChildren(words);
    });
    say("Stopped. What you see is the last answer.");
  });

  /* ---- a dashboard on the whole screen; Escape leaves it ---- */

  $$("[data-fullscreen]").forEach((button) => {
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener("click", () => $(button.dataset.fullscreen).requestFullscreen());
  });

  /* ---- chart tips: the SVG <title>, shown at once and styled; without this script the browser shows it ---- */

  let tip;
  on("pointerover", (event) => {
    const hit = event.target.closest?.(".hit");
    if (!hit?.closest("svg")) return tip?.remove();
    const title = $(":scope > title", hit);
    if (title) {
      hit.dataset.tip = title.textContent;
      title.remove();
    }
    if (hit.dataset.tip) showTip(hit);
  });
  const showTip = (hit) => {
    tip ??= Object.assign(document.createElement("div"), { className: "tip" });
    tip.setAttribute("aria-hidden", "true");
    tip.textContent = hit.dataset.tip.replace(": ", "\n").replaceAll(", ", "\n");
    document.body.append(tip);
    const mark = hit.getBoundingClientRect(), box = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(mark.left + mark.width / 2 - box.width / 2, innerWidth - box.width - 8)) + "px";
    tip.style.top = Math.max(8, mark.top - box.height + 6) + "px";
  };
})();
