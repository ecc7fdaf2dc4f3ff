import LangevinCore

/// A method whose chains may exchange their points.
public protocol Exchangeable<Element>: Sampler {
  /// Exchanges the points of two states at steps where both may be read; what is thermal, such as momenta, stays.
  ///
  /// Points and momenta are independent in the law, so the exchange of points alone needs no more than their energies.
  func exchangePoints(_ a: inout State, _ b: inout State)

  /// Throws where that is not so: where a state is read at a place at which its point and its momenta depend on each other.
  func checkExchange() throws(SamplingError)

  /// Whether a state may be read at its step, in the warm-up too: not within a segment or an epoch.
  func mayExchange(_ state: State) -> Bool

  /// The energy of the state's point on all of the data, where the state has it already.
  func energy(of state: State) -> Double?

  /// The same method at another temperature, as a ladder needs it at each of its rungs.
  func tempered(at temperature: Double) throws(SamplingError) -> Self
}

extension Exchangeable {
  /// No objection.
  public func checkExchange() throws(SamplingError) {}
  /// At every step.
  public func mayExchange(_ state: State) -> Bool { true }
  /// Not known.
  public func energy(of state: State) -> Double? { nil }

  /// The sampler with its own settings but for the temperature.
  public func tempered(at temperature: Double) throws(SamplingError) -> Self {
    if var settings = settings as? any SamplerSettings,
      (try? settings.set("temperature", to: "\(temperature)", as: name)) != nil,
      let sampler = try settings.sampler(of: Element.self) as? Self
    {
      return sampler
    }
    throw .refused(
      "\(name) does not say how it is made for another temperature, which a ladder needs: write its tempered(at:)")
  }
}
