// A list of choices narrows to what contains the letters typed above it; without a script the field adds by name.
document.addEventListener("input", function (event) {
  var list = event.target.dataset && event.target.dataset.narrows && document.getElementById(event.target.dataset.narrows);
  if (!list) return;
  event.target.removeAttribute("name"); // here it narrows, so it is not sent
  var letters = event.target.value.trim().toLowerCase();
  list.querySelectorAll("label").forEach(function (label) {
    label.hidden = letters !== "" && label.textContent.toLowerCase().indexOf(letters) < 0;
  });
  list.querySelectorAll("fieldset").forEach(function (group) {
    group.hidden = !group.querySelector("label:not([hidden])");
  });
});
// A picker closes when one goes elsewhere, or with the escape key.
document.addEventListener("click", function (event) {
  document.querySelectorAll("details[data-picker][open]").forEach(function (picker) {
    if (!picker.contains(event.target)) picker.open = false;
  });
});
document.addEventListener("keydown", function (event) {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-picker][open]").forEach(function (picker) {
    picker.open = false;
    picker.querySelector("summary").focus();
  });
});
