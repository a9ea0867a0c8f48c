"use strict";
// Everything works without this file; it only counts down and follows a payment without reloading.
(function () {
  const timer = document.getElementById("time-left");
  if (timer) {
    const ends = Date.now() + Number(timer.dataset.seconds) * 1000;
    const shown = timer.querySelector("[role=timer]");
    const show = function () {
      const left = Math.max(0, Math.ceil((ends - Date.now()) / 1000));
      shown.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    };
    show();
    setInterval(show, 1000);
  }
  document.addEventListener("submit", function (event) {
    // A second tap must not send the form twice.
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
  });
})();
