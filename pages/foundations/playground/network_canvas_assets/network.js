// The forward pass of a small network, as in PyTorch: the outputs of all units for points in the plane.
// The outputs of one unit for all points are contiguous: values[unit * points + point].

const AXIS_LIMIT = 6; // the plane reaches from -6 to 6

// The same functions as in core.topics.playground.data.compute_features
const FEATURES = {
  x: (x) => x,
  y: (_, y) => y,
  x2: (x) => (x * x) / AXIS_LIMIT,
  y2: (_, y) => (y * y) / AXIS_LIMIT,
  xy: (x, y) => (x * y) / AXIS_LIMIT,
  sin_x: (x) => Math.sin(x),
  sin_y: (_, y) => Math.sin(y),
};

const ACTIVATIONS = {
  linear: (z) => z,
  relu: (z) => Math.max(z, 0),
  leaky_relu: (z) => (z < 0 ? z * 0.01 : z),
  tanh: Math.tanh,
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  gelu: (z) => (z / 2) * (1 + erf(z / Math.SQRT2)),
};

// Accurate to about seven digits. Source: Numerical Recipes, erfc by a Chebyshev fit.
const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

function erf(x) {
  const t = 1 / (1 + Math.abs(x) / 2);
  const tail = t * Math.exp(-x * x + ERFC.reduceRight((sum, factor) => sum * t + factor, 0));
  return x < 0 ? tail - 1 : 1 - tail;
}

// Layers of weights (out, in), row by row, each followed by its biases, in the order of parameters_to_vector.
class Network {
  constructor({ features, hidden, activation, classes, loss }) {
    Object.assign(this, { features, activation: ACTIVATIONS[activation], classes, squares: loss === "squares" });
    this.sizes = [features.length, ...hidden, 1];
    this.parameters = 0;
    this.layers = this.sizes.slice(1).map((outputs, at) => {
      const inputs = this.sizes[at], weights = this.parameters, biases = weights + inputs * outputs;
      this.parameters = biases + outputs;
      return { inputs, outputs, weights, biases };
    });
  }

  // Return the parameter index of the weight between two units (layer 0: features), or of a bias.
  weight(layer, to, from) {
    return this.layers[layer - 1].weights + to * this.layers[layer - 1].inputs + from;
  }

  bias(layer, unit) {
    return this.layers[layer - 1].biases + unit;
  }

  // Return the prediction for an output: the probability of class 1, or the value.
  predict(output) {
    return this.classes ? ACTIVATIONS.sigmoid(output) : output;
  }

  // Return the loss of one point, as in PyTorch; cross-entropy uses the logit, so no probability is rounded to 0 or 1.
  lossOf(output, y) {
    if (!this.classes || this.squares) return (this.predict(output) - y) ** 2;
    return Math.max(output, 0) - output * y + Math.log1p(Math.exp(-Math.abs(output)));
  }
}

// Return one feature of many points.
const computeFeature = (name, xs, ys) => Float32Array.from(xs, (x, at) => FEATURES[name](x, ys[at]));

// Points of the plane, with buffers for the outputs of all units.
class ForwardPass {
  constructor(network, xs, ys) {
    Object.assign(this, { network, xs, ys, count: xs.length });
    this.values = network.sizes.map((units) => new Float32Array(units * this.count));
    network.features.forEach((name, feature) => this.values[0].set(computeFeature(name, xs, ys), feature * this.count));
  }

  // Return a forward pass for the cell centers of a grid, row by row from the top.
  static grid(network, side) {
    const middle = (cell) => ((cell + 0.5) / side) * 2 * AXIS_LIMIT - AXIS_LIMIT;
    const cells = Array.from({ length: side * side }, (_, at) => at);
    const xs = cells.map((at) => middle(at % side)), ys = cells.map((at) => -middle(Math.floor(at / side)));
    return Object.assign(new ForwardPass(network, xs, ys), { side });
  }

  compute(parameters) {
    const { count, network: { layers, activation } } = this;
    layers.forEach(({ inputs, outputs, weights, biases }, layer) => {
      const inputValues = this.values[layer], outputValues = this.values[layer + 1], hidden = layer < layers.length - 1;
      for (let unit = 0; unit < outputs; unit++) {
        const to = outputValues.subarray(unit * count, (unit + 1) * count).fill(parameters[biases + unit]);
        for (let input = 0; input < inputs; input++) {
          const from = inputValues.subarray(input * count, (input + 1) * count);
          const factor = parameters[weights + unit * inputs + input];
          for (let at = 0; at < count; at++) to[at] += factor * from[at];
        }
        if (hidden) for (let at = 0; at < count; at++) to[at] = activation(to[at]);
      }
    });
    return this;
  }

  // Return the outputs of one unit for all points.
  valuesOf(layer, unit) {
    return this.values[layer].subarray(unit * this.count, (unit + 1) * this.count);
  }

  get outputs() {
    return this.values.at(-1);
  }
}
