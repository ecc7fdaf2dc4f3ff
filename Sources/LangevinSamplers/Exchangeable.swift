import LangevinCore

// What the points of the methods are when replicas exchange them.

extension SGLD: Exchangeable {
  /// The positions.
  public func exchangePoints(_ a: inout State, _ b: inout State) { swap(&a.position, &b.position) }
}

extension LeimkuhlerMatthews: Exchangeable {
  /// The positions, less the half noise that each has already felt and keeps.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    a.position.add(1, a.half, -1, b.half)
    b.position.add(1, b.half, -1, a.half)
  }
}

extension SGWORLD: Exchangeable {
  /// The points at the ends of epochs; what each chain has already felt of the noise of its next epoch it keeps.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    if level.sharesNoise {
      swap(&a.position, &b.position)
      a.position.add(1, a.half, -1, b.half)
      b.position.add(1, b.half, -1, a.half)
    } else {
      a.position.add(1, b.recorded, -1, a.recorded)
      b.position.add(1, a.recorded, -1, b.recorded)
      swap(&a.recorded, &b.recorded)
    }
  }
}

extension PseudoLangevin: Exchangeable {
  /// The positions of closed states, whose momenta are independent of them. Masses stay: they belong to the temperature, and
  /// the updates see to it that they suit the place.
  public func exchangePoints(_ a: inout State, _ b: inout State) { swap(&a.position, &b.position) }
}

extension HybridMonteCarlo: Exchangeable {
  /// The positions with their energies and gradients; step sizes and masses belong to the temperature.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    swap(&a.energy, &b.energy)
  }
}

extension UnderdampedLangevin: Exchangeable {
  /// The positions with their gradients. Momenta are those in the middle of the kick that is split between two steps, where
  /// they are independent of the positions: they stay, and so the halves of the kick that are still to come are exchanged.
  public func exchangePoints(_ a: inout State, _ b: inout State) {
    swap(&a.position, &b.position)
    swap(&a.gradient, &b.gradient)
    guard a.keepsGradient else { return }
    let half = splitting.stepSize.value(at: a.step) / 2
    a.momentum.add(half, a.gradient, -half, b.gradient)
    b.momentum.add(half, b.gradient, -half, a.gradient)
  }
}

extension Tensor {
  /// self += a x + b y
  fileprivate mutating func add(_ a: Double, _ x: Tensor, _ b: Double, _ y: Tensor) {
    let count = count
    withMutablePointer { target in
      x.withPointer { Element.kernels.axpby(a, $0, 1, target, count) }
      y.withPointer { Element.kernels.axpby(b, $0, 1, target, count) }
    }
  }
}
