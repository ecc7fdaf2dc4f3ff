import CLangevinKernels
import LangevinPlatform
import Testing

@Suite struct PassTests {
  /// What a pass over elements first ..< first + count is given.
  struct Setting: Sendable, CustomTestStringConvertible {
    var first = 0, count = 300, noises = 1
    var movesP = true, weighted = false, givesFirst = false, hasGradient = true

    static let all: [Setting] = [
      Setting(noises: 0), Setting(), Setting(noises: 2), Setting(noises: 4), Setting(count: 0),
      Setting(first: 77, count: 1),
      Setting(first: 63, count: 130, noises: 2, weighted: true), Setting(first: 4090, count: 4200, noises: 2),
      Setting(first: 1 << 33 - 4096, count: 200), Setting(movesP: false),
      Setting(first: 5, movesP: false, weighted: true),
      Setting(noises: 0, movesP: false), Setting(noises: 3, weighted: true, givesFirst: true),
      Setting(first: 31, count: 65, givesFirst: true), Setting(first: 2, noises: 2, hasGradient: false),
    ]

    var testDescription: String {
      "\(count) from \(first), \(noises) noises" + (movesP ? "" : ", no p") + (weighted ? ", u and v" : "")
        + (givesFirst ? ", first noise given" : "") + (hasGradient ? "" : ", no g")
    }

    var pass: lk_pass {
      var pass = lk_pass()
      (pass.theta_p, pass.theta_g, pass.p_p, pass.p_g) = (0.3, -0.07, 0.9, -0.2)
      pass.theta_r = (0.11, 0.23, -0.31, 0.05)
      pass.p_r = (0.5, -0.2, 0.7, 0.01)
      pass.noises = Int32(noises)
      pass.noise = (key(0), key(1), key(2), key(3))
      return pass
    }
    func key(_ lane: UInt32) -> lk_noise_key { lk_noise_key(key: 99, step: 5, lane: lane) }
    static let toTheta = [0.11, 0.23, -0.31, 0.05], toP = [0.5, -0.2, 0.7, 0.01]
  }

  struct State<T: KernelScalar> {
    var theta: [T], p: [T], g: [T], u: [T], v: [T], given: [T]

    init(_ setting: Setting) {
      func fill(_ a: Double, around middle: Double = 0) -> [T] {
        (0..<setting.count).map { T(middle + 0.5 * sin(a * Double($0) + a)) }
      }
      (theta, p, g) = (fill(1.1), fill(0.7), fill(2.3))
      (u, v, given) = (fill(1.7, around: 1), fill(3.1, around: 1), fill(5.3))
    }

    subscript(range: Range<Int>) -> State {
      var part = self
      for array in [\State.theta, \.p, \.g, \.u, \.v, \.given] {
        part[keyPath: array] = Array(self[keyPath: array][range])
      }
      return part
    }

    /// Runs the pass on this state, whose first element is `offset` after the setting's.
    mutating func run(_ setting: Setting, offset: Int = 0, sums: UnsafeMutablePointer<lk_sums>? = nil) {
      T.linearPass(
        setting.pass, first: setting.first + offset, theta: &theta, p: &p, movesP: setting.movesP,
        g: setting.hasGradient ? g : nil, u: setting.weighted ? u : nil, v: setting.weighted ? v : nil,
        given: setting.givesFirst ? given : nil, sums: sums)
    }
  }

  @Test(arguments: InstructionSet.available, Setting.all)
  func passIsThePlainLoop(set: InstructionSet, setting: Setting) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      let before = State<T>(setting)
      var after = before, silent = before, sums = lk_sums()
      let normals = set.run {
        (0..<setting.noises).map { T.normals(setting.key(UInt32($0)), first: setting.first, count: setting.count) }
      }
      set.run {
        after.run(setting, sums: &sums)
        silent.run(setting)
      }
      #expect(after.theta == silent.theta && after.p == silent.p)
      var expected = lk_sums(), worst = 0.0
      for i in 0..<setting.count {
        let theta = Double(before.theta[i]), p = setting.movesP ? Double(before.p[i]) : 0
        let g = setting.hasGradient ? Double(before.g[i]) : 0
        let u = setting.weighted ? Double(before.u[i]) : 1, v = setting.weighted ? Double(before.v[i]) : 1
        var toTheta = 0.0, toP = 0.0
        for j in 0..<setting.noises {
          let r = Double(j == 0 && setting.givesFirst ? before.given[i] : normals[j][i])
          toTheta += Setting.toTheta[j] * r
          toP += Setting.toP[j] * r
        }
        let newTheta = theta + u * (0.3 * p - 0.07 * g + v * toTheta)
        let newP = setting.movesP ? 0.9 * p - 0.2 * g + v * toP : Double(before.p[i])
        worst = max(worst, abs(Double(after.theta[i]) - newTheta), abs(Double(after.p[i]) - newP))
        expected.kinetic += setting.movesP ? u * newP * newP : 0
        expected.virial += theta * g
        expected.gradient += g * g
        expected.norm += newTheta * newTheta
        expected.power += u * p * g
      }
      #expect(worst <= tolerance)
      for part in [\lk_sums.kinetic, \.virial, \.gradient, \.norm, \.power] {
        #expect(abs(sums[keyPath: part] - expected[keyPath: part]) <= tolerance * Double(1 + setting.count))
      }
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 4e-15)
  }

  /// A pass in pieces does to each element, bit for bit, what it does whole.
  @Test(arguments: InstructionSet.available)
  func piecesMakeTheWhole(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      for setting in [Setting(first: 10, noises: 2), Setting(first: 10, weighted: true), Setting(first: 10, noises: 0)]
      {
        var whole = State<T>(setting), pieces: [State<T>] = [], start = 0
        for count in [1, 5, 48, 64, 17, 128, 37] {
          pieces.append(whole[start..<start + count])
          set.run { pieces[pieces.count - 1].run(setting, offset: start) }
          start += count
        }
        set.run { whole.run(setting) }
        #expect(start == setting.count)
        #expect(
          pieces.flatMap(\.theta) == whole.theta && pieces.flatMap(\.p) == whole.p,
          "\(T.self) \(setting.testDescription)")
      }
    }
    check(Float.self)
    check(Double.self)
  }

  @Test(arguments: InstructionSet.available)
  func sumsAndSimplePasses(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type, tolerance: Double) {
      for count in [0, 1, 3, 4, 7, 16, 33, 4096, 4099] {
        let x = (0..<count).map { T(sin(Double($0))) }, y = (0..<count).map { T(cos(1.3 * Double($0))) }
        let w = (0..<count).map { T(1 + 0.5 * cos(Double($0))) }
        var dot = 0.0, square = 0.0, plain = 0.0, energy = 0.0, weak = 0.0
        for i in 0..<count {
          let (x, y, w) = (Double(x[i]), Double(y[i]), Double(w[i]))
          dot += x * y
          square += w * x * x
          plain += x * x
          energy += w * (x - y) * (x - y) / 2
          weak += 0.5 * x * x / 2
        }
        let allowed = max(tolerance, 1e-14) * Double(1 + count), sumTolerance = 1e-14 * Double(1 + count)
        var error = LargestError()
        set.run {
          #expect(abs(T.dot(x, y) - dot) <= sumTolerance)
          #expect(abs(T.weightedSquare(w, x) - square) <= sumTolerance)
          #expect(abs(T.weightedSquare(nil, x) - plain) <= sumTolerance)

          var sum = y, copy = [T](repeating: .nan, count: count)
          T.axpby(2, x, -0.5, &sum)
          T.axpby(2, x, 0, &copy)
          for i in 0..<count {
            let expected = 2 * Double(x[i]) - 0.5 * Double(y[i])
            error.compare(sum[i], expected, allowed: tolerance)
            error.compare(copy[i], 2 * Double(x[i]), allowed: 0)
          }

          var g = y, h = y
          #expect(abs(T.harmonic(7, w, y, x, &g) - energy) <= allowed)
          #expect(abs(T.harmonic(0.5, nil, nil, x, &h) - weak) <= allowed)
          for i in 0..<count {
            let (x, y, w) = (Double(x[i]), Double(y[i]), Double(w[i]))
            error.compare(g[i], y + w * (x - y), allowed: tolerance)
            error.compare(h[i], y + 0.5 * x, allowed: tolerance)
          }
        }
        #expect(error.isAllowed, "\(T.self), \(count) elements: \(error)")
      }
    }
    check(Float.self, tolerance: 1e-6)
    check(Double.self, tolerance: 1e-15)
  }

  @Test(arguments: InstructionSet.available)
  func firstNonfiniteIsFound(set: InstructionSet) {
    func check<T: KernelScalar>(_: T.Type) {
      for count in [0, 1, 15, 16, 17, 255, 256, 700] {
        var x = (0..<count).map { T($0) }
        if count > 0 { x[count / 2] = T.greatestFiniteMagnitude }
        #expect(set.run { T.firstNonfinite(x) } == -1)
        for bad in [T.nan, T.infinity, -T.infinity] {
          for place in [0, count / 3, count - 1] where place >= 0 && place < count {
            var y = x
            y[place] = bad
            y[count - 1] = bad
            #expect(set.run { T.firstNonfinite(y) } == place)
          }
        }
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
