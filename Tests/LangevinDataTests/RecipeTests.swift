import LangevinCore
import LangevinData
import Testing

@Suite struct RecipeTests {
  /// Small sets and the fingerprints that every machine must find, whatever its libraries and vector units.
  static let fingerprints: [(recipe: String, fingerprint: String)] = [
    ("kspin:train=200,test=100,seed=3", "9ab56e68913e817c"),
    ("spirals:validation=10", "70fe2240679a42fc"),
    ("spirals:generator=splitmix,exponent=0.7", "606b117ce2d9a039"),
    ("checkerboard:train=300,flip=0.1", "d9b1607a16fa9d5d"),
    ("moons:train=100", "d8b19f937d1f266a"),
    ("mixture:classes=4,dimension=7,train=150", "3caa1676847c6546"),
    ("digits:train=70,test=10", "bf4f50e9ea36752b"),
    ("parity:train=100,sparsity=3,flip=0.2", "e3b76c06308d03db"),
    ("walsh:terms=0-1+0.5*2-3-4,train=50", "f437a2f10e878d4f"),
    ("bump:seed=9", "024edb50345b7983"),
    ("teacher:train=130,network=3-5-2", "f28b0a63b4861755"),
    ("linear:intercept=1", "fe2730644aae4286"),
  ]

  @Test(arguments: fingerprints) func sameRecipeSameBitsAtAnyThreadCount(recipe: String, fingerprint: String) throws {
    for threads in [1, 2, 5] {
      let data = try Recipe(recipe).make(on: ThreadPool(threads: threads))
      #expect(data.fingerprint.description == fingerprint, "\(recipe), \(threads) threads")
    }
    #expect(try Recipe(recipe).make(as: Double.self).fingerprint.description == fingerprint)
  }

  @Test(arguments: Recipe.sets.map { $0.name }) func settingsMakeTheRecipeAgain(name: String) throws {
    let recipe = try Recipe(named: name)
    #expect(try Recipe(named: recipe.name, parameters: recipe.parameters) == recipe)
    #expect(try Recipe(recipe.description) == recipe)
    #expect(recipe.parameters["seed"] == "0" && recipe.parameters["train"] != nil)
    #expect(try Recipe(named: name, parameters: ["seed": "18446744073709551615"]) != recipe)
    #expect(Recipe.help.contains("\(name): "))
  }

  @Test func everyPartAndSeedHasNumbersOfItsOwn() throws {
    let data = try Recipe("moons:train=50,test=50,validation=50").make()
    let parts = [data.train, try #require(data.test), try #require(data.validation)]
    #expect(Set(parts.flatMap { part in (0..<50).map { part.input($0) } }).count == 150)
    #expect(try Recipe("moons:seed=1").make().fingerprint != Recipe("moons:seed=2").make().fingerprint)
    // A longer set begins with the shorter one.
    let longer = try Recipe("moons:train=80").make()
    #expect((0..<50).allSatisfy { longer.train.input($0) == data.train.input($0) })
  }

  @Test func whatIsWrongIsNamed() {
    func message(_ text: String) -> String? {
      do {
        _ = try Recipe(text).make()
        return nil
      } catch {
        return "\(error)"
      }
    }
    for (text, part) in [
      ("ksin", "kspin"), ("", "kspin"), ("kspin:x=1", "classes"), ("kspin:flip=2", "0.0 to 1.0"),
      ("kspin:flip=nan", "0.0 to 1.0"),
      ("kspin:classes=0", "1 to"), ("kspin:classes=many", "'many'"), ("kspin:train=0", "train"),
      ("kspin:test=-1", "test"),
      ("kspin:seed=-1", "seed"), ("kspin:flip", "name=value"), ("kspin:flip=0.1,flip=0.2", "twice"),
      ("spirals:train=5", "even"),
      ("spirals:generator=dice", "splitmix"), ("parity:sparsity=21", "dimension"),
      ("parity:points=cube,dimension=8", "256 corners"),
      ("parity:points=cube,dimension=31", "30 or less"), ("walsh:terms=", "terms"), ("walsh:terms=0-0", "once"),
      ("walsh:terms=0-20", "0 to 19"), ("walsh:terms=inf*1", "terms"), ("teacher:network=3", "network"),
      ("teacher:network=3-0-1", "width"), ("teacher:hidden=gelu", "relu, tanh"), ("digits:size=3", "4 to 256"),
      ("bump:spacing=0", "spacing"),
    ] {
      #expect(message(text)?.contains(part) == true, "\(text): \(message(text) ?? "no error")")
    }
    var set = KSpin()
    set.flipProbability = -1
    #expect(throws: LangevinError.self) { try set.make() }
    #expect(throws: LangevinError.self) { try set.bayesLimits() }
  }
}
