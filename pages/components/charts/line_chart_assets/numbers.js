// Numbers as text, as they stand on axes and in readouts.

// A number with so many significant digits: as it is, or as 2e9 and 2e-9 where it is very large or small.
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
