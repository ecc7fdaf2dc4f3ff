import CLangevinKernels
import LangevinCore

/// One pass over the parameters of a partition: all letters between two gradients at once.
///
///     p'     = p_p p + p_g g + v sum_j p_r[j] R_j
///     theta' = theta + u (theta_p p + theta_g g + v sum_j theta_r[j] R_j)
///
/// with u = 1/m and v = sqrt(m) for each parameter. Coefficients are computed in double, whatever the state is.
package struct LinearPass: Sendable {
  /// The coefficients, without the keys of the noise.
  package var coefficients = lk_pass()

  package init() {}

  /// Adds a noise with its amplitudes in p and in theta; returns nothing, the order of the calls is the order of lanes.
  package mutating func addNoise(momentum: Double, position: Double) {
    let index = Int(coefficients.noises)
    precondition(index < Int(LK_MAX_NOISES), "a pass has at most \(LK_MAX_NOISES) noises")
    withUnsafeMutableBytes(of: &coefficients.p_r) { $0.bindMemory(to: Double.self)[index] = momentum }
    withUnsafeMutableBytes(of: &coefficients.theta_r) { $0.bindMemory(to: Double.self)[index] = position }
    coefficients.noises += 1
  }

  /// Runs the pass over a partition, or over all parameters. Noise j of step `step` has lane `firstLane + j`; an element's
  /// normal depends on its place in the whole vector, so partitions share nothing and thread counts do not matter.
  @discardableResult
  package func run<Element>(
    over ranges: [Range<Int>]? = nil, position: inout Tensor<Element>, momentum: inout Tensor<Element>,
    gradient: Tensor<Element>, masses: Masses<Element> = .unit, noise: inout NoiseSource, step: UInt64,
    firstLane: UInt32 = 0, sums wanted: Bool = false
  ) -> lk_sums {
    let count = position.count
    return position.withMutablePointer { theta in
      momentum.withMutablePointer { p in
        gradient.withPointer { g in
          run(ranges, count, theta, p, g, masses, &noise, step, firstLane, wanted)
        }
      }
    }
  }

  /// The overdamped form: no momentum.
  @discardableResult
  package func run<Element>(
    over ranges: [Range<Int>]? = nil, position: inout Tensor<Element>, gradient: Tensor<Element>,
    masses: Masses<Element> = .unit, noise: inout NoiseSource, step: UInt64, firstLane: UInt32 = 0,
    sums wanted: Bool = false
  ) -> lk_sums {
    let count = position.count
    return position.withMutablePointer { theta in
      gradient.withPointer { g in run(ranges, count, theta, nil, g, masses, &noise, step, firstLane, wanted) }
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private func run<Element>(
    _ ranges: [Range<Int>]?, _ count: Int, _ theta: UnsafeMutablePointer<Element>,
    _ p: UnsafeMutablePointer<Element>?, _ g: UnsafePointer<Element>, _ masses: Masses<Element>,
    _ noise: inout NoiseSource, _ step: UInt64, _ firstLane: UInt32, _ wanted: Bool
  ) -> lk_sums {
    let linearPass = Element.kernels.linearPass
    var pass = coefficients
    var given: [[Element]] = []
    switch noise {
    case .stream(let stream):
      withUnsafeMutableBytes(of: &pass.noise) { bytes in
        let keys = bytes.bindMemory(to: lk_noise_key.self)
        for lane in 0..<Int(pass.noises) { keys[lane] = stream.noiseKey(step: step, lane: firstLane + UInt32(lane)) }
      }
    case .list(var list):
      // A list is used noise by noise over the whole partition.
      let count = ranges?.reduce(0) { $0 + $1.count } ?? count
      for _ in 0..<Int(pass.noises) {
        given.append(list.prefix(count).map { Element($0) })
        list.removeFirst(count)
      }
      noise = .list(list)
    }

    var total = lk_sums()
    var done = 0
    for part in 0..<(ranges?.count ?? 1) {
      let range = ranges?[part] ?? 0..<count
      let (start, count) = (range.lowerBound, range.count)
      var sums = lk_sums()
      func call(_ noises: UnsafePointer<UnsafePointer<Element>?>?) {
        withUnsafeMutablePointer(to: &sums) { sums in
          linearPass(
            &pass, Int64(start), count, theta + start, p.map { $0 + start }, g + start,
            masses.inverse.map { $0.withPointer { $0 + start } }, masses.root.map { $0.withPointer { $0 + start } },
            noises, wanted ? sums : nil)
        }
      }
      if given.isEmpty {
        call(nil)
      } else {
        let copies = given.map { Tensor($0[done..<done + count]) }
        var pointers = copies.map { copy in Optional(copy.withPointer { $0 }) }
        withExtendedLifetime(copies) { call(&pointers) }
      }
      total.kinetic += sums.kinetic
      total.virial += sums.virial
      total.gradient += sums.gradient
      total.norm += sums.norm
      total.power += sums.power
      done += count
    }
    return total
  }
}

/// The masses of the parameters as a pass uses them: 1/m and sqrt(m), over the whole vector.
///
/// A mass shared by a whole partition belongs into the coefficients of the pass and not here.
package struct Masses<Element: Scalar>: Sendable {
  package var inverse: Tensor<Element>?
  package var root: Tensor<Element>?

  /// All masses 1.
  package static var unit: Masses { Masses(inverse: nil, root: nil) }

  private init(inverse: Tensor<Element>?, root: Tensor<Element>?) {
    self.inverse = inverse
    self.root = root
  }

  /// One mass for each parameter.
  package init(_ masses: Tensor<Element>) {
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
