import CLangevinKernels
import LangevinCore

/// One pass over the parameters: a sentence of letters, each of which moves positions and momenta, done all at once.
///
///     let pass = Pass().kick(h / 2).drift(h)
///     pass.run(position: &theta, momentum: &p, gradient: gradient, noise: &evaluator.noise, step: step)
///
/// Between two gradients every letter is linear in (theta, p, G) and its own normals R, and so is any sequence of them:
///
///     p'     = p_p p + p_g G + v sum_j p_r[j] R_j
///     theta' = theta + u (theta_p p + theta_g G + v sum_j theta_r[j] R_j)
///
/// with u = 1/m and v = sqrt(m) for each parameter. So however many letters there are, memory is read and written once.
/// Coefficients are computed in double, whatever the parameters are.
public struct Pass: Sendable {
  package var coefficients = lk_pass()

  /// The pass that changes nothing, to which letters are added.
  public init() { coefficients.p_p = 1 }

  /// The most normals that a pass can take for each parameter.
  static let mostNoises = Int(LK_MAX_NOISES)

  /// How many normals it takes for each parameter.
  var noiseCount: Int { Int(coefficients.noises) }

  /// The factor by which momenta are damped.
  package var momentumKept: Double { coefficients.p_p }

  /// The same without its noises, for a method that adds noise of its own.
  package func withoutNoise() -> Pass {
    var pass = self
    pass.coefficients.noises = 0
    return pass
  }

  /// Sums over the parameters of a pass, in double.
  public struct Sums: Sendable {
    /// sum p'^2/m, after the pass.
    public var kinetic = 0.0
    /// sum G^2.
    public var gradient = 0.0
    /// sum p G/m, before the pass.
    public var power = 0.0
  }

  /// Runs the pass over all parameters, or over some ranges of them.
  ///
  /// The normal of a parameter depends on the chain's stream, on `step`, on the number of the noise in the sentence plus
  /// `firstLane`, and on the parameter's place in the whole vector. So partitions share nothing and thread counts do not
  /// matter; two passes of one step need different lanes.
  @discardableResult
  public func run<Element>(
    over ranges: [Range<Int>]? = nil, position: inout Tensor<Element>, momentum: inout Tensor<Element>,
    gradient: Tensor<Element>, masses: Masses<Element> = .unit, noise: inout NoiseSource, step: UInt64,
    firstLane: UInt32 = 0, sums wanted: Bool = false
  ) -> Sums {
    let count = position.count
    return position.withMutablePointer { theta in
      momentum.withMutablePointer { p in
        gradient.withPointer { g in
          run(ranges, count, theta, p, g, masses, &noise, step, firstLane, wanted)
        }
      }
    }
  }

  /// The same without momenta.
  public func run<Element>(
    over ranges: [Range<Int>]? = nil, position: inout Tensor<Element>, gradient: Tensor<Element>,
    masses: Masses<Element> = .unit, noise: inout NoiseSource, step: UInt64, firstLane: UInt32 = 0
  ) {
    let count = position.count
    position.withMutablePointer { theta in
      gradient.withPointer { g in
        _ = run(ranges, count, theta, nil, g, masses, &noise, step, firstLane, false)
      }
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func run<Element>(
    _ ranges: [Range<Int>]?, _ count: Int, _ theta: UnsafeMutablePointer<Element>,
    _ p: UnsafeMutablePointer<Element>?, _ g: UnsafePointer<Element>, _ masses: Masses<Element>,
    _ noise: inout NoiseSource, _ step: UInt64, _ firstLane: UInt32, _ wanted: Bool
  ) -> Sums {
    let linearPass = Element.kernels.linearPass
    var pass = coefficients
    var given: [Tensor<Element>] = []
    switch noise.origin {
    case .stream(let stream):
      withUnsafeMutableBytes(of: &pass.noise) { bytes in
        let keys = bytes.bindMemory(to: lk_noise_key.self)
        for lane in 0..<noiseCount { keys[lane] = stream.noiseKey(step: step, lane: firstLane + UInt32(lane)) }
      }
    case .list:
      // A list is used noise by noise over the whole partition.
      let count = ranges?.reduce(0) { $0 + $1.count } ?? count
      for _ in 0..<noiseCount { given.append(Tensor(noise.take(count).map { Element($0) })) }
    }

    var total = Sums()
    var done = 0
    for part in 0..<(ranges?.count ?? 1) {
      let range = ranges?[part] ?? 0..<count
      let start = range.lowerBound
      var sums = lk_sums()
      func call(_ noises: UnsafePointer<UnsafePointer<Element>?>?) {
        withUnsafeMutablePointer(to: &sums) { sums in
          linearPass(
            &pass, Int64(start), range.count, theta + start, p.map { $0 + start }, g + start,
            masses.inverse.map { $0.withPointer { $0 + start } }, masses.root.map { $0.withPointer { $0 + start } },
            noises, wanted ? sums : nil)
        }
      }
      if given.isEmpty {
        call(nil)
      } else {
        var pointers = given.map { given in Optional(given.withPointer { $0 + done }) }
        withExtendedLifetime(given) { call(&pointers) }
      }
      total.kinetic += sums.kinetic
      total.gradient += sums.gradient
      total.power += sums.power
      done += range.count
    }
    return total
  }
}

extension Pass {
  /// Adam's pass: m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,  theta -= step m/(sqrt(v) + epsilon).
  static func adam<Element>(
    decays: (first: Double, second: Double), step: Double, epsilon: Double, gradient: Tensor<Element>,
    firstMoment: inout Tensor<Element>, secondMoment: inout Tensor<Element>, position: inout Tensor<Element>
  ) {
    let count = position.count
    gradient.withPointer { g in
      firstMoment.withMutablePointer { m in
        secondMoment.withMutablePointer { v in
          position.withMutablePointer { theta in
            Element.kernels.adamPass(decays.first, decays.second, step, epsilon, g, m, v, theta, count)
          }
        }
      }
    }
  }
}

/// The masses of the parameters as a pass uses them: 1/m and sqrt(m), over the whole vector.
public struct Masses<Element: Scalar>: Sendable {
  var inverse: Tensor<Element>?
  var root: Tensor<Element>?

  /// All masses 1.
  public static var unit: Masses { Masses(inverse: nil, root: nil) }

  private init(inverse: Tensor<Element>?, root: Tensor<Element>?) {
    self.inverse = inverse
    self.root = root
  }

  /// One mass for each parameter.
  public init(_ masses: Tensor<Element>) {
    var (inverse, root) = (masses, masses)
    for index in 0..<masses.count {
      inverse[index] = 1 / masses[index]
      root[index] = masses[index].squareRoot()
    }
    self.init(inverse: inverse, root: root)
  }

  /// 1/m with an amplitude of the noise that is not sqrt(m).
  package init(inverse: Tensor<Element>, amplitude: Tensor<Element>) { self.init(inverse: inverse, root: amplitude) }
}
