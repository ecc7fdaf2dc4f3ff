import LangevinCore
import LangevinData
import Testing

@Suite struct SpiralsTests {
  /// The recipe from SplitMix64 of the reference page of the splittings, seed 0; the reference has 8 to 12 decimals.
  @Test func portableRecipeAgreesWithTheReference() throws {
    let data: Dataset<Double> = try Recipe("spirals:generator=splitmix").make(as: Double.self)
    let test = try #require(data.test)
    func close(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool { abs(a - b) <= tolerance }
    func expect(_ examples: Examples<Double>, row: Int, _ x: Double, _ y: Double) {
      #expect(close(examples.input(row)[0], x, 5.1e-9) && close(examples.input(row)[1], y, 5.1e-9))
    }
    expect(data.train, row: 0, 0.88968886, -0.38059404)
    expect(data.train, row: 1, -1.4198181, -1.1313508)
    expect(data.train, row: 499, -0.18449063, 0.89419787)
    expect(test, row: 0, -1.60168411, 0.67396118)

    func entries(_ examples: Examples<Double>) -> [Double] { (0..<examples.count).flatMap { examples.input($0) } }
    let train = entries(data.train)
    #expect(close(train.reduce(0, +), 0.335529830713, 1e-11))
    #expect(close(train.reduce(0) { $0 + $1 * $1 }, 1027.302262531844, 1e-11))
    #expect(close(entries(test).reduce(0, +), -1.501798575084, 1e-11))
    #expect(close(entries(test).reduce(0) { $0 + $1 * $1 }, 1975.716122335013, 1e-11))
    #expect(data.train.classCounts == [250, 250] && test.classCounts == [500, 500])
  }

  @Test func withoutNoiseTheClassesAreMirrorImagesWithinTheRadius() throws {
    var spirals = Spirals()
    spirals.noise = 0
    let data = try spirals.make(as: Double.self)
    for row in 0..<250 {
      let (point, mirrored) = (data.train.input(row), data.train.input(row + 250))
      #expect(point[0] == -mirrored[0] && point[1] == -mirrored[1])
      #expect(point[0] * point[0] + point[1] * point[1] <= 4)
    }
  }

  @Test func oddCountsAreRefused() {
    #expect(throws: LangevinError.self) { try Recipe("spirals:train=3") }
  }
}
