import LangevinCore
import LangevinData
import Testing

@Suite struct DatasetTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func write(_ names: [String]) throws {
    for name in names {
      let isTest = name.contains("t10k") || name.contains("test")
      let bytes =
        name.contains("images")
        ? idx(8, [2, 2, 2], isTest ? [8, 7, 6, 5, 4, 3, 2, 1] : [0, 51, 102, 153, 204, 255, 1, 2])
        : idx(8, [2], [1, 0])
      _ = try folder.file(name, bytes)
    }
  }

  @Test(arguments: [
    "train-images-idx3-ubyte t10k-images-idx3-ubyte", "train-images.idx3-ubyte t10k-images.idx3-ubyte",
    "emnist-letters-train-images-idx3-ubyte emnist-letters-test-images-idx3-ubyte",
  ])
  func foldersInMNISTsNamingAreRecognised(images: String) throws {
    let images = images.split(separator: " ").map(String.init)
    let labels = images.map { name in
      name.split(separator: "images").joined(separator: "labels").split(separator: "idx3").joined(separator: "idx1")
    }
    try write(images + labels + ["README", "other-images-idx3-ubyte.txt"])
    let data = try Dataset<Float>(contentsOf: folder.path + "/")
    #expect(data.train.count == 2 && data.test?.count == 2 && data.inputWidth == 4 && data.classCount == 2)
    #expect(data.train.input(0) == [0, 0.2, 0.4, 0.6] && data.train.input(1)[1] == 1)
    #expect(data.test?.input(0)[0] == Float(8) / 255)
    #expect(data.name == folder.path.split(separator: "/").last.map(String.init))
    var unscaled = ReadingOptions()
    unscaled.scalesBytes = false
    #expect(try Dataset<Float>(contentsOf: folder.path, unscaled).train.input(0) == [0, 51, 102, 153])
  }

  @Test func foldersWithSeveralOrHalfASetAreNot() throws {
    try write(["a-train-images-idx3-ubyte", "a-train-labels-idx1-ubyte"])
    #expect(try Dataset<Float>(contentsOf: folder.path).test == nil)
    try write(["b-train-images-idx3-ubyte", "b-train-labels-idx1-ubyte"])
    #expect(fileError { _ = try Dataset<Float>(contentsOf: folder.path) }?.problem == .mismatch)
    var options = ReadingOptions()
    options.subset = "b"
    #expect(try Dataset<Float>(contentsOf: folder.path, options).train.count == 2)
    options.subset = "c"
    #expect(fileError { _ = try Dataset<Float>(contentsOf: folder.path, options) }?.problem == .missing)

    let other = try TemporaryFolder()
    _ = try other.file("train-images-idx3-ubyte", idx(8, [1, 1], [1]))
    let error = fileError { _ = try Dataset<Float>(contentsOf: other.path) }
    #expect(error?.problem == .missing && error?.description.contains("train-labels-idx1-ubyte") == true)
    let testOnly = try TemporaryFolder()
    _ = try testOnly.file("t10k-images-idx3-ubyte", idx(8, [1, 1], [1]))
    _ = try testOnly.file("t10k-labels-idx1-ubyte", idx(8, [1], [1]))
    #expect(fileError { _ = try Dataset<Float>(contentsOf: testOnly.path) }?.problem == .missing)
  }

  @Test func testSetsMustFitTheTrainingSet() throws {
    let names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"]
    try write(names)
    func error(_ images: [UInt8], _ labels: [UInt8]) throws -> FileFormatError? {
      _ = try folder.file("t10k-images-idx3-ubyte", images)
      _ = try folder.file("t10k-labels-idx1-ubyte", labels)
      return fileError { _ = try Dataset<Float>(contentsOf: folder.path) }
    }
    #expect(try error(idx(8, [1, 2, 2], [1, 2, 3, 4]), idx(8, [1], [1])) == nil)
    #expect(try error(idx(8, [1, 2, 2], [1, 2, 3, 4]), idx(8, [1], [2]))?.problem == .label)
    #expect(try error(idx(8, [1, 2, 1], [1, 2]), idx(8, [1], [1]))?.problem == .mismatch)
  }

  /// Every set goes through every format and both precisions and comes back with the same fingerprint.
  @Test(arguments: DatasetFormat.allCases, [false, true])
  func writtenSetsComeBack(format: DatasetFormat, compressed: Bool) throws {
    for text in [
      "digits:train=30,test=20,validation=10", "kspin:train=40,test=10,spins=7,classes=3", "bump:train=20,test=20",
      "walsh:train=10,test=5,dimension=5,terms=0.25*0-1",
    ] {
      let folder = try TemporaryFolder()
      let data: Dataset<Float> = try Recipe(text).make()
      try data.write(to: folder.path("set"), as: format, compressed: compressed)
      var options = ReadingOptions.plain
      options.classes = data.classCount
      let read = try Dataset<Float>(contentsOf: folder.path("set"), options)
      #expect(read.fingerprint == data.fingerprint, "\(text)")
      #expect(read.validation?.count == data.validation?.count)
      let double = try Recipe(text).make(as: Double.self)
      try double.write(to: folder.path("double"), as: format, compressed: compressed)
      let readDouble = try Dataset<Double>(contentsOf: folder.path("double"), options)
      #expect(
        readDouble.train.input(3) == double.train.input(3) && readDouble.fingerprint == data.fingerprint, "\(text)")
    }
  }

  @Test func theFingerprintSeesEveryNumber() throws {
    func fingerprint(_ inputs: [Float], _ labels: [Int32] = [0, 1], classes: Int = 2) throws -> Fingerprint {
      let inputs = try Tensor(shape: [2, 3], inputs)
      return try Dataset(name: "", train: Examples(inputs: inputs, targets: .classes(labels, count: classes)))
        .fingerprint
    }
    let base = try fingerprint([1, 2, 3, 4, 5, 6])
    var seen: Set<Fingerprint> = [base]
    for index in 0..<6 {
      for value in [-Float(index + 1), 0, Float(index + 1).nextUp] {
        var inputs: [Float] = [1, 2, 3, 4, 5, 6]
        inputs[index] = value
        #expect(try seen.insert(fingerprint(inputs)).inserted)
      }
    }
    #expect(try seen.insert(fingerprint([-1, -2, 3, 4, 5, 6])).inserted)
    #expect(try seen.insert(fingerprint([2, 1, 3, 4, 5, 6])).inserted)
    #expect(try seen.insert(fingerprint([1, 2, 3, 4, 5, 6], [1, 1])).inserted)
    #expect(try seen.insert(fingerprint([1, 2, 3, 4, 5, 6], classes: 3)).inserted)
    #expect(Fingerprint(base.description) == base && base.description.count == 16)
    #expect(Fingerprint("0") == nil && Fingerprint("000000000000000x") == nil)
  }

  @Test func splittingKeepsEveryExampleOnce() throws {
    let data: Dataset<Float> = try Recipe("bump:train=100").make()
    let split = try data.splitting(test: 0.2, validation: 0.13, seed: 5)
    let (test, validation) = (try #require(split.test), try #require(split.validation))
    #expect([split.train.count, test.count, validation.count] == [67, 20, 13])
    let inputs = [split.train, test, validation].flatMap { part in (0..<part.count).map { part.input($0)[0] } }
    #expect(inputs.sorted() == (0..<100).map { data.train.input($0)[0] })
    #expect(try data.splitting(test: 0.2, validation: 0.13, seed: 5).fingerprint == split.fingerprint)
    #expect(try data.splitting(test: 0.2, validation: 0.13, seed: 6).fingerprint != split.fingerprint)
    #expect(try data.splitting(seed: 1).fingerprint == data.fingerprint)
    for (test, validation) in [(1.0, 0.0), (0.5, 0.5), (-0.1, 0), (0, .nan)] {
      #expect(throws: LangevinError.self) { try data.splitting(test: test, validation: validation, seed: 1) }
    }
    let few = try data.selecting(train: [7, 7, 3])
    #expect(few.train.input(1) == data.train.input(7) && few.train.input(2) == data.train.input(3))
    #expect(throws: LangevinError.self) { try data.selecting(train: [100]) }
    #expect(throws: LangevinError.self) { try data.selecting(train: []) }
  }

  @Test func standardisingUsesTheTrainingSetAlone() throws {
    let inputs = try Tensor<Double>(shape: [2, 3], [1, 10, 5, 3, 30, 5])
    let train = try Examples(inputs: inputs, targets: .classes([0, 1], count: 2))
    let test = try Examples(inputs: Tensor<Double>(shape: [1, 3], [2, 40, 6]), targets: .classes([0], count: 2))
    let data = try Dataset(name: "d", train: train, test: test)
    let columns = try data.standardized(.columns)
    #expect(columns.train.input(0) == [-1, -1, 0] && columns.train.input(1) == [1, 1, 0])
    #expect(columns.test?.input(0) == [0, 2, 1])
    // All six numbers: mean 9, variance (64 + 1 + 16 + 36 + 441 + 16)/6.
    let deviation = (574.0 / 6).squareRoot()
    let whole = try data.standardized(.whole)
    #expect(
      abs(whole.train.input(1)[1] - 21 / deviation) < 1e-14 && abs(whole.train.input(0)[2] + 4 / deviation) < 1e-14)
  }

  @Test func partsMustAgree() throws {
    func examples(_ width: Int, _ targets: Examples<Float>.Targets) throws -> Examples<Float> {
      try Examples(inputs: Tensor(shape: [1, width], repeating: 1), targets: targets)
    }
    let train = try examples(2, .classes([0], count: 2))
    #expect(throws: LangevinError.self) {
      try Dataset(name: "", train: train, test: examples(3, .classes([0], count: 2)))
    }
    #expect(throws: LangevinError.self) {
      try Dataset(name: "", train: train, test: examples(2, .classes([0], count: 3)))
    }
    #expect(throws: LangevinError.self) {
      try Dataset(name: "", train: train, validation: examples(2, .values(Tensor(shape: [1, 2]))))
    }
    #expect(
      try Dataset(name: "x", train: train, test: train).summary.hasPrefix(
        "x: 1 train + 1 test, 2 inputs, 2 classes, fingerprint "))
  }
}
