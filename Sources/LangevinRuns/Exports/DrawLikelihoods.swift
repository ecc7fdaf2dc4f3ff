import LangevinCore
import LangevinData
import LangevinDiagnostics
import LangevinPlatform

/// What each stored draw of network runs says of each example that they were trained on, in the units of the file.
struct DrawLikelihoods {
  /// The draws of each chain, numbered through.
  let chains: [Range<Int>]
  /// The targets: numbers, or classes from 0; `[examples][targets]`.
  let targets: [[Double]]
  /// The names of the classes; nil for real targets.
  let classNames: [String]?
  /// The inputs in the units of the file, and their names.
  let inputs: [[Double]]
  let inputNames: [String]
  /// The rows of the file, from 1 below the header; 1, 2, ... where that is not known.
  let rows: [Int]
  /// 1/(P T) or 1/T: the power of the likelihood that is sampled, 1 for the posterior.
  let power: Double
  /// ln p of each example under a draw, constants in.
  let logLikelihoods: (_ draw: Int) throws -> [Double]
  /// Targets that a draw predicts, one for each of ``targets``, from random numbers of their own.
  let randomTargets: (_ draw: Int) throws -> [[Double]]

  /// Of runs with the same potential.
  ///
  /// - Throws: ``FileError`` for a run of a potential of one's own, or if the data have changed since.
  init(of folders: [RunFolder]) throws {
    guard let first = folders.first else { throw FileError(".", "no run folder was named") }
    let run = try first.readConfiguration()
    switch run.network.precision {
    case .single: try self.init(of: folders, run, Float.self)
    case .double: try self.init(of: folders, run, Double.self)
    }
  }

  private init<Element: Scalar>(of folders: [RunFolder], _ run: CheckedConfiguration, _ type: Element.Type) throws {
    let record = try folders[0].readRecord()
    let pool = try ThreadPool()
    let data = try run.source.load(as: Element.self, on: pool, applying: run.rule)
    if let expected = run.fingerprint, "\(data.fingerprint)" != expected {
      throw FileError(
        folders[0].path,
        "was made from other data: \(run.source.name) has the fingerprint \(data.fingerprint), the run \(expected)")
    }
    guard let temperature = record.temperature else {
      throw FileError(folders[0].path, "has no temperature of its own, so its draws have no likelihood to compare")
    }
    let examples = data.train
    // What the network reads are the features of its frozen layers, if there are any.
    let frozen: FrozenLayers<Element>? =
      run.network.frozenLayers > 0 ? try folders[0].readFrozenLayers(run.network) : nil
    let posterior = try run.network.posterior(on: try frozen?.features(of: examples, pool: pool) ?? examples)
    let reader = try DrawsReader<Element>(
      folders, parameterCount: posterior.parameterCount, single: Element.self == Float.self)
    chains = reader.chains
    power = 1 / (run.network.normalisation == .mean ? examples.totalWeight * temperature : temperature)
    inputNames = run.rule?.inputNames ?? (0..<examples.inputWidth).map { "x\($0)" }
    let scalings = run.rule?.inputScalings ?? []
    inputs = (0..<examples.count).map { example in
      examples.input(example).enumerated().map { place, value in
        place < scalings.count ? scalings[place].undone(Double(value)) : Double(value)
      }
    }
    rows = Self.rows(of: data)

    var workspace = posterior.makeWorkspace(pool: pool)
    let stream = RandomStream(seed: record.plan.seed, purpose: .data).substream(17)
    let outputs = { (draw: Int) throws -> Tensor<Element> in
      try posterior.predictions(at: try reader.draw(draw), probabilities: true, workspace: &workspace)
    }
    switch examples.targets {
    case .classes(let labels, let count):
      targets = labels.map { [Double($0)] }
      classNames = run.source.classNames ?? (0..<max(2, count)).map { "\($0)" }
      // The smallest positive probability stands for one that rounds to 0.
      let least = Double(Element.leastNormalMagnitude)
      let probability = { (outputs: Tensor<Element>, example: Int, label: Int) -> Double in
        if outputs.shape[1] > 1 { return Double(outputs[example, label]) }
        let second = Double(outputs[example, 0])
        return label == 1 ? second : 1 - second
      }
      logLikelihoods = { draw in
        let outputs = try outputs(draw)
        return labels.indices.map { log(max(probability(outputs, $0, Int(labels[$0])), least)) }
      }
      randomTargets = { draw in
        let outputs = try outputs(draw)
        return labels.indices.map { example in
          var left = stream.uniform(step: UInt64(draw), element: example)
          for label in 0..<max(2, count) {
            left -= probability(outputs, example, label)
            if left <= 0 { return [Double(label)] }
          }
          return [Double(max(2, count) - 1)]
        }
      }
    case .values(let values):
      classNames = nil
      let width = values.shape[1]
      let laws = TargetLaws(of: run, temperature: temperature, trainingWeight: examples.totalWeight, targetWidth: width)
      let known = (0..<examples.count).map { example in
        (0..<width).map { laws.scaling.undone(Double(values[example, $0])) }
      }
      targets = known
      logLikelihoods = { draw in
        let outputs = try outputs(draw)
        return known.indices.map { example in
          (0..<width).reduce(0) { $0 + laws.law(outputs, example, $1).logDensity(at: known[example][$1]) }
        }
      }
      randomTargets = { draw in
        let outputs = try outputs(draw)
        return known.indices.map { example in
          (0..<width).map { target in
            laws.law(outputs, example, target).quantile(
              stream.uniform(step: UInt64(draw), lane: UInt32(target), element: example))
          }
        }
      }
    }
  }

  /// The rows of a lone table that are not held out, or else 1, 2, ...
  private static func rows<Element>(of data: Dataset<Element>) -> [Int] {
    if let origin = data.origin, origin.testRows.count + data.train.count == origin.testTable.rowCount {
      let held = Set(origin.testRows)
      return (0..<origin.testTable.rowCount).filter { !held.contains($0) }.map { $0 + 1 }
    }
    return Array(1...max(1, data.train.count))
  }
}
