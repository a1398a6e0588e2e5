// The arithmetic of a convolution, in 64 bits on the 32-bit values of the network.

function prepared(data) {
  const packed = ["inputs", "weights", "bias", "outputs"].map((name) => [name, floats(data[name])]);
  const { bias: [bias], ...arrays } = Object.fromEntries(packed), { inputs, weights, outputs } = arrays;
  const scales = { inputs: scaleOf(inputs), weights: scaleOf(weights, { signed: true }) };
  scales.products = scaleOf([scales.inputs.largest * scales.weights.largest], { signed: true });
  scales.sums = scaleOf(outputs, { digits: 3, signed: true });
  return { ...data, ...arrays, bias, scales };
}

// The input value under each weight of the filter; undefined in the padding.
function windowOf({ inputs, rows, columns, kernel, stride, padding }, channel, [row, column]) {
  return Array.from({ length: kernel ** 2 }, (_, at) => {
    const y = row * stride - padding + Math.floor(at / kernel), x = column * stride - padding + (at % kernel);
    return y < 0 || y >= rows || x < 0 || x >= columns ? undefined : inputs[(channel * rows + y) * columns + x];
  });
}

function multiplied(data, channel, pixel) {
  const weights = Array.from(data.weights.subarray(channel * data.kernel ** 2, (channel + 1) * data.kernel ** 2));
  const values = windowOf(data, channel, pixel), products = weights.map((weight, at) => weight * (values[at] ?? 0));
  return { channel, values, weights, products, sum: sum(products) };
}

function strongest({ outputs, output: [, columns] }) {
  let best = 0;
  outputs.forEach((value, at) => {
    if (value > outputs[best]) best = at;
  });
  return [Math.floor(best / columns), best % columns];
}
