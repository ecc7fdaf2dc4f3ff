import LangevinPlatform

/// The discrete Fourier transform of one length, a power of two, in O(n log n) (Cooley and Tukey, 1965).
struct FourierTransform {
  private let size: Int
  /// The roots of unity exp(-2 pi i k / size) for k < size / 2.
  private let cosines: [Double]
  private let sines: [Double]

  /// The transform of the smallest power of two that is at least `count`.
  init(atLeast count: Int) {
    var size = 1
    while size < count { size *= 2 }
    self.size = size
    let angles = (0..<size / 2).map { -2 * Double.pi * Double($0) / Double(size) }
    cosines = angles.map { cos($0) }
    sines = angles.map { sin($0) }
  }

  /// Zeros of the length of the transform.
  var zeros: [Double] { [Double](repeating: 0, count: size) }

  /// Replaces z_j by sum_j z_j exp(-2 pi i j k / size), with z = real + i imaginary.
  func apply(_ real: inout [Double], _ imaginary: inout [Double]) {
    real.withUnsafeMutableBufferPointer { real in
      imaginary.withUnsafeMutableBufferPointer { imaginary in
        reverseBits(real, imaginary)
        var half = 1
        while half < size {
          butterflies(real, imaginary, half: half)
          half *= 2
        }
      }
    }
  }

  /// Sorts the entries by their index read backwards in binary, where the butterflies expect them.
  private func reverseBits(_ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>)
  {
    var reversed = 0
    for index in 0..<size {
      if index < reversed {
        real.swapAt(index, reversed)
        imaginary.swapAt(index, reversed)
      }
      var bit = size / 2
      while bit > 0, reversed & bit != 0 {
        reversed ^= bit
        bit /= 2
      }
      reversed |= bit
    }
  }

  /// Joins neighbouring transforms of length `half` into transforms of twice that length.
  private func butterflies(
    _ real: UnsafeMutableBufferPointer<Double>, _ imaginary: UnsafeMutableBufferPointer<Double>, half: Int
  ) {
    let stride = size / (2 * half)
    cosines.withUnsafeBufferPointer { cosines in
      sines.withUnsafeBufferPointer { sines in
        var start = 0
        while start < size {
          for k in 0..<half {
            let (even, odd) = (start + k, start + k + half)
            let (c, s) = (cosines[k * stride], sines[k * stride])
            let oddReal = c * real[odd] - s * imaginary[odd]
            let oddImaginary = c * imaginary[odd] + s * real[odd]
            (real[odd], imaginary[odd]) = (real[even] - oddReal, imaginary[even] - oddImaginary)
            (real[even], imaginary[even]) = (real[even] + oddReal, imaginary[even] + oddImaginary)
          }
          start += 2 * half
        }
      }
    }
  }
}
