import Langevin

/// Langevin dynamics that takes minibatch gradients for exact ones: the negative control of ``PseudoLangevin``.
///
///     Pi <- c1^2 Pi - (1 + c1^2) (dt/2) g_B(theta) + sqrt(1 + c1^2) m1 sqrt(M T) R,     theta <- theta + dt Pi/M
///
/// **Law**: too hot. The thermal noise is added in full and the minibatches' comes on top: a parameter whose ratio is
/// r = v dt^2 / (4 M T m1^2) runs at T (1 + (2 - m1^2) r), a direction of correlated noise at T (1 + (2 - m1^2) r kappa).
package struct NaivePseudoLangevin<Element: Scalar>: Sampler {
  /// T, as far as the noise that is added goes.
  package let temperature: Double
  /// M_i; one element stands for all.
  package let masses: Tensor<Element>
  /// m1 = sqrt(1 - c1^2).
  package let momentumLoss: Double
  /// dt.
  package let timeStep: Double

  private let bookkeeping: NoiseBookkeeping

  /// A sampler with given masses: one for all parameters, or one for each.
  ///
  /// - Throws: ``SamplingError`` where a setting is out of range.
  package init(
    temperature: Double, masses: Tensor<Element>, momentumLoss: Double = 0.1, timeStep: Double = 1
  ) throws(SamplingError) {
    for (name, value) in [("the temperature", temperature), ("the time step", timeStep)] {
      try check(value > 0 && value.isFinite, name, is: value, expected: "above 0, finite")
    }
    try check(momentumLoss > 0 && momentumLoss < 1, "the momentum loss", is: momentumLoss, expected: "above 0, below 1")
    try check(
      masses.count > 0, "the number of masses", is: Double(masses.count), expected: "one, or one for each parameter")
    for index in 0..<masses.count {
      let mass = Double(masses[index])
      try check(mass > 0 && mass.isFinite, "mass \(index)", is: mass, expected: "above 0, finite")
    }
    self.temperature = temperature
    self.masses = masses
    self.momentumLoss = momentumLoss
    self.timeStep = timeStep
    bookkeeping = NoiseBookkeeping(temperature: temperature, momentumLoss: momentumLoss, timeStep: timeStep)
  }

  /// `naive-pseudo-langevin`
  package var name: String { "naive-pseudo-langevin" }
  /// Hotter than asked for.
  package var law: StationaryLaw { .nonequilibrium("minibatch noise comes on top of the thermal noise") }

  /// Position and momentum.
  package struct State: SamplerState {
    /// theta.
    package var position: Tensor<Element>
    /// Pi.
    package var momentum: Tensor<Element>
    /// Steps done.
    package var step: UInt64 = 0
    package var gradient: Tensor<Element>
    package let forms: Masses<Element>

    /// Position, momentum and step; masses are settings.
    package mutating func archive(in archive: inout some StateArchive) throws {
      try archive.field("position", &position)
      try archive.field("momentum", &momentum)
      try archive.field("step", &step)
    }
  }

  /// Momenta from their law.
  package func start<P: Potential>(
    at position: Tensor<Element>, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> State where P.Element == Element {
    try evaluator.check(start: position)
    let count = position.count
    guard masses.count == 1 || masses.count == count else {
      throw .setting("the number of masses", in: "", found: "\(masses.count)", expected: "1 or \(count)")
    }
    let all = Tensor((0..<count).map { masses[masses.count == 1 ? 0 : $0] })
    var momentum = Tensor<Element>(zeros: count)
    evaluator.stream(.momenta).fillNormals(&momentum)
    for index in 0..<count { momentum[index] *= (Element(temperature) * all[index]).squareRoot() }
    return State(
      position: position, momentum: momentum, gradient: Tensor(zeros: count), forms: Masses(all))
  }

  /// The merged update of ``PseudoLangevin`` with all of the artificial noise.
  package func step<P: Potential>(
    _ state: inout State, with evaluator: inout Evaluator<P>
  ) throws(SamplingError) -> StepRecord where P.Element == Element {
    let energy = try evaluator.gradient(on: .next, at: state.position, into: &state.gradient, step: state.step)
    // The table's middle row at r = 0 for unit mass; sqrt(M) is the amplitude of the pass.
    let pass = bookkeeping.pass(.middle, noise: bookkeeping.amplitude(at: .middle, ratio: 0, inverseMass: 1))
    let sums = pass.run(
      position: &state.position, momentum: &state.momentum, gradient: state.gradient,
      masses: state.forms, noise: &evaluator.noise, step: state.step, sums: true)
    state.step += 1
    return StepRecord(energy: energy, kinetic: (sums.kinetic, state.position.count))
  }
}
