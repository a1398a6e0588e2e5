// Formats numbers for axes and readouts.

// A number with the given significant digits, in scientific notation (2e9, 2e-9) if very large or small.
function shortNumber(value, digits = 3) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return value.toExponential(digits - 1).replace(/\.?0*e\+?/, "e");
  }
  const rounded = size < 1000 ? Number(value.toPrecision(digits)) : Math.round(value);
  return rounded.toLocaleString("en", { maximumFractionDigits: 12 });
}

const wholeNumber = (value) => value.toLocaleString("en", { maximumFractionDigits: 0 });
const percentage = (value, decimals = 1) => `${(100 * value).toFixed(decimals)}%`;
