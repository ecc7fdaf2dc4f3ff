/// The energy of a network on data: loss plus prior.
///
///     U(theta) = (1/P) sum_p loss(network(x_p; theta), y_p) + prior(theta)     normalisation .mean, the default
///     U(theta) =       sum_p loss(network(x_p; theta), y_p) + prior(theta)     normalisation .sum
///
/// The law that a sampler draws from is exp(-U/T). With `.mean`, T = 1/P is the Bayesian posterior for the likelihood
/// exp(-loss); with `.sum` it is T = 1. A prior of precision `lambda` then has variance T/lambda for each weight, in both.
/// On a minibatch of B examples the loss is their mean (`.mean`) or P/B times their sum (`.sum`); the prior stays whole.
///
/// All data are streamed in tiles that fit the cache, so a full gradient needs memory that does not grow with P. The
/// tiles are dealt to a fixed number of shares, each summed in order and all added in order: the bits do not depend on
/// the number of threads.
public struct Posterior<Element: Scalar>: Potential {
  /// The network.
  public let network: MLP
  /// The data.
  package let examples: Examples<Element>
  /// The loss of one example.
  package let loss: any LossFunction
  /// The prior over the parameters.
  package let prior: Prior<Element>
  /// Whether U is per example or over all of the data.
  package let normalisation: Normalisation

  let priorTerms: PriorTerms<Element>
  let lossTerms: LossTerms<Element>

  /// The posterior of a network on data; everything that must fit together is checked here.
  public init(
    _ network: MLP, examples: Examples<Element>, loss: Loss, prior: Prior<Element> = .flat,
    normalisation: Normalisation = .mean
  ) throws(LangevinError) {
    try self.init(network, examples: examples, lossFunction: loss, prior: prior, normalisation: normalisation)
  }

  /// The same with a loss of your own.
  public init(
    _ network: MLP, examples: Examples<Element>, loss: some LossFunction, prior: Prior<Element> = .flat,
    normalisation: Normalisation = .mean
  ) throws(LangevinError) {
    try self.init(network, examples: examples, lossFunction: loss, prior: prior, normalisation: normalisation)
  }

  private init(
    _ network: MLP, examples: Examples<Element>, lossFunction loss: any LossFunction, prior: Prior<Element>,
    normalisation: Normalisation
  ) throws(LangevinError) {
    guard examples.inputWidth == network.inputWidth else {
      throw .shape(
        of: "the examples' inputs", found: [examples.count, examples.inputWidth],
        expected: [examples.count, network.inputWidth])
    }
    try loss.check(examples.targets, outputs: network.outputWidth)
    self.network = network
    self.examples = examples
    self.loss = loss
    self.prior = prior
    self.normalisation = normalisation
    priorTerms = try PriorTerms(prior, layout: network.layout)
    lossTerms = LossTerms(loss, examples, normalisation)
  }

  /// The parameters of the network.
  public var layout: ParameterLayout { network.layout }
  /// P, the number of examples.
  public var exampleCount: Int { examples.count }
  /// 1/P for U per example (1 over the sum of the weights, where examples have weights), 1 for U over all of the data.
  public var posteriorTemperature: Double { normalisation == .mean ? 1 / examples.totalWeight : 1 }

  /// Buffers for activations and partial gradients.
  public func makeWorkspace(pool: ThreadPool = .single) -> PosteriorWorkspace<Element> {
    PosteriorWorkspace(
      network, exampleCount: exampleCount, precisions: priorTerms.sampled, pool: pool)
  }

  /// Energy and gradient on a minibatch or on all of the data.
  public func evaluate(
    at position: Tensor<Element>, over batch: Minibatch = .all, gradient: inout Tensor<Element>,
    workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Energy {
    try evaluate(at: position, over: batch, gradient: &gradient, countingErrors: false, workspace: &workspace).energy
  }

  /// Energy and errors on all of the data, by one pass with a gradient or without.
  public func measure(
    at position: Tensor<Element>, gradient: inout Tensor<Element>?, workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Reading {
    guard var slope = gradient else {
      let fit = try fit(at: position, workspace: &workspace)
      return Reading(
        energy: Energy(cost: fit.cost, prior: try priorEnergy(at: position, workspace.precisions)),
        errorRate: fit.errorRate)
    }
    // Emptied first, so that the one reference is ours and nothing is copied.
    gradient = nil
    let isClasses = if case .classes = examples.targets { true } else { false }
    let (energy, errors) = try evaluate(
      at: position, over: .all, gradient: &slope, countingErrors: isClasses, workspace: &workspace)
    gradient = slope
    return Reading(energy: energy, errorRate: isClasses ? Double(errors) / Double(exampleCount) : nil)
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func evaluate(
    at position: Tensor<Element>, over batch: Minibatch, gradient: inout Tensor<Element>, countingErrors: Bool,
    workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> (energy: Energy, errors: Int) {
    try check(position: position, gradient: gradient)
    try batch.check(exampleCount: exampleCount)
    let scale = Element(self.scale(of: batch))
    let decay = Element(priorTerms.decay)
    let (energy, errors) = gradient.withMutablePointer { gradient in
      position.withPointer { theta in
        let sums = workspace.addUp(batch, of: examples, length: parameterCount, into: gradient) {
          pass, tile, gradient, accumulate in
          pass.forward(theta, tile.inputs)
          let errors = countingErrors ? pass.errors(tile, examples.targets) : 0
          let loss = pass.loss(lossTerms, tile, examples.targets, scale: scale)
          pass.backward(
            theta, tile.inputs, accumulate: accumulate, decay: tile.start == 0 ? decay : 0, gradient: gradient)
          return .init(loss: loss, errors: errors)
        }
        let prior = priorTerms.add(at: theta, to: gradient, workspace.precisions, workspace.kernels)
        return (Energy(cost: self.scale(of: batch) * sums.loss, prior: prior), sums.errors)
      }
    }
    try check(energy, at: position)
    return (energy, errors)
  }

  /// The factor on the sum of losses over a batch.
  func scale(of batch: Minibatch) -> Double {
    let count = Double(batch.count(of: exampleCount))
    return normalisation == .mean ? 1 / count : Double(exampleCount) / count
  }

  func check(_ energy: Energy, at position: Tensor<Element>) throws(LangevinError) {
    if energy.total.isFinite { return }
    if let place = position.firstNonFinite {
      throw .nonFinite("a parameter", in: layout.blockName(at: place), hint: "")
    }
    throw .nonFinite(
      "the energy", in: "network \(network)",
      hint: "all parameters are finite, so the outputs overflow; the step size is likely too large")
  }
}

extension Posterior {
  /// What a network makes of data: the mean loss per example, and how many examples it gets wrong.
  package struct Fit: Hashable, Sendable {
    /// The loss, normalised as the energy is.
    package var cost: Double
    /// Examples whose largest output is not at their class; nil where targets are real numbers.
    package var errors: Int?
    /// The number of examples.
    package var count: Int

    /// The share of wrong examples.
    package var errorRate: Double? { errors.map { Double($0) / Double(count) } }
  }

  /// Loss and errors at `position`, without a gradient.
  package func fit(
    at position: Tensor<Element>, over batch: Minibatch = .all, workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Fit {
    try check(position: position, gradient: position)
    try batch.check(exampleCount: exampleCount)
    let sums = position.withPointer { theta in
      workspace.forEachTile(batch, of: examples) { pass, tile, _, _ in
        pass.forward(theta, tile.inputs)
        return .init(
          loss: pass.loss(lossTerms, tile, examples.targets, scale: nil), errors: pass.errors(tile, examples.targets))
      }
    }
    let cost = scale(of: batch) * sums.loss
    try check(Energy(cost: cost), at: position)
    var errors: Int?
    if case .classes = examples.targets { errors = sums.errors }
    return Fit(cost: cost, errors: errors, count: batch.count(of: exampleCount))
  }

  /// The energy of the prior alone.
  package func priorEnergy(
    at position: Tensor<Element>, _ precisions: SampledPrecisions? = nil
  ) throws(LangevinError) -> Double {
    var gradient = Tensor<Element>(zeros: parameterCount)
    try check(position: position, gradient: gradient)
    return gradient.withMutablePointer { gradient in
      position.withPointer { priorTerms.add(at: $0, to: gradient, precisions ?? priorTerms.sampled, Element.kernels) }
    }
  }

  /// The network's outputs for each example, `[examples, outputs]`; class probabilities with `probabilities`.
  public func predictions(
    at position: Tensor<Element>, probabilities: Bool = false, workspace: inout PosteriorWorkspace<Element>
  ) throws(LangevinError) -> Tensor<Element> {
    try check(position: position, gradient: position)
    let width = network.outputWidth
    let kernels = workspace.kernels
    var predictions = try Tensor<Element>(shape: [exampleCount, width])
    predictions.withMutablePointer { out in
      position.withPointer { theta in
        workspace.forEachTile(.all, of: examples) { pass, tile, _, _ in
          pass.forward(theta, tile.inputs)
          let results = pass.results(count: tile.inputs.count)
          let target = out + tile.start * width
          let builtIn = probabilities ? lossTerms.builtIn : nil
          if builtIn == .crossEntropy { kernels.softmax(results, into: results.base) }
          if builtIn == .binaryCrossEntropy || builtIn == .bernoulli {
            kernels.activate(.sigmoid, results.base, into: results.base, count: results.elements)
          }
          kernels.scatter(results, into: target, stride: width)
          return .init()
        }
        return
      }
    }
    return predictions
  }
}

/// How the loss is added up over examples.
public enum Normalisation: String, CaseIterable, Hashable, Sendable {
  /// Per example.
  case mean
  /// Over all of the data.
  case sum
}
