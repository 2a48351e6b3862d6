// swift-tools-version: 6.2
import Foundation
import PackageDescription

// Native parts: Scripts/bootstrap.sh unpacks the OpenVINO and libtorch wheels into .deps/python.
// Every path and flag that leads to them stands here, once.
let root = Context.packageDirectory
let native = Context.environment["LEUKOSCOPE_DEPS"] ?? "\(root)/.deps"
let openVINO = "\(native)/python/openvino"
let torch = "\(native)/python/torch"

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    // A file imports what it uses itself, `any` marks what costs a box, a conformance keeps the isolation of its type, and a
    // weak capture never changes. Left out: InternalImportsByDefault (hundreds of `public import` for one package) and
    // NonisolatedNonsendingByDefault (it moves work from the pool to whoever calls).
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .unsafeFlags(["-Xcc", "-I\(openVINO)/include"]),
]

// Tests are compiled more often than they run: what they measure is the code that they call, which is optimised.
let testSettings = swiftSettings + [.unsafeFlags(["-Onone"])]

func rpath(_ folder: String) -> LinkerSetting {
    .unsafeFlags(["-L\(folder)", "-Xlinker", "-rpath", "-Xlinker", folder])
}

// C++ reads a header of another target as text: clang would look for a compiled module of it, as C++20 allows.
let cxxFlags = ["-std=c++20", "-O2", "-Wall", "-fno-cxx-modules"]
let openCV = [CXXSetting.unsafeFlags(cxxFlags + ["-I/usr/include/opencv4", "-Werror"])]

let cVision = Target.target(
    name: "CVision", dependencies: ["CStatus"],
    publicHeadersPath: "include",
    cxxSettings: openCV,
    linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"),
        .linkedLibrary("opencv_imgcodecs"), .linkedLibrary("opencv_photo"), .linkedLibrary("opencv_features2d"),
        .linkedLibrary("jpeg"),
        .linkedLibrary("png16"), .linkedLibrary("tiff"), .linkedLibrary("heif"), .linkedLibrary("lcms2"),
        .linkedLibrary("z"),
        .linkedLibrary("stdc++"),
    ])

let cLearning = Target.target(
    name: "CLearning", dependencies: ["CStatus"],
    publicHeadersPath: "include",
    cxxSettings: openCV,
    linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_features2d"),
        .linkedLibrary("opencv_ml"), .linkedLibrary("stdc++"),
    ])

let cTorch = Target.target(
    name: "CTorch", dependencies: ["CStatus"],
    publicHeadersPath: "include",
    cxxSettings: [
        .headerSearchPath("declared"),  // of Gloo, whose headers the wheel leaves out
        .unsafeFlags(
            cxxFlags + ["-isystem", "\(torch)/include", "-isystem", "\(torch)/include/torch/csrc/api/include"]),
    ],
    linkerSettings: [
        rpath("\(torch)/lib"), .linkedLibrary("torch"), .linkedLibrary("torch_cpu"),
        .linkedLibrary("c10"), .linkedLibrary("stdc++"),
    ])

let cPage = Target.target(
    name: "CPage", dependencies: ["CStatus"], publicHeadersPath: "include",
    cSettings: [
        .unsafeFlags([
            "-O2", "-Wall", "-Werror", "-I/usr/include/cairo", "-I/usr/include/pango-1.0", "-I/usr/include/harfbuzz",
            "-I/usr/include/glib-2.0", "-I/usr/lib/x86_64-linux-gnu/glib-2.0/include",
        ])
    ],
    linkerSettings: [
        .linkedLibrary("pangocairo-1.0"), .linkedLibrary("pango-1.0"), .linkedLibrary("gobject-2.0"),
        .linkedLibrary("cairo"), .linkedLibrary("m"),
    ])

let cSlides = Target.target(
    name: "CSlides", dependencies: ["CStatus"], publicHeadersPath: "include",
    cSettings: [.unsafeFlags(["-O2", "-Wall", "-Werror", "-I/usr/include/openslide"])],
    linkerSettings: [.linkedLibrary("openslide")])

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil,
    linkerSettings: [LinkerSetting]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources,
        swiftSettings: swiftSettings, linkerSettings: linkerSettings)
}

func tests(of name: String, _ more: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + more,
        swiftSettings: testSettings)
}

let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

// Packages that only other packages use. The condition never holds: they are named so that their pins count as used.
let broughtAlong: [Target.Dependency] = [
    .product(name: "Algorithms", package: "swift-algorithms", condition: .when(platforms: [.wasi])),
    .product(name: "SwiftASN1", package: "swift-asn1", condition: .when(platforms: [.wasi])),
    .product(name: "AsyncAlgorithms", package: "swift-async-algorithms", condition: .when(platforms: [.wasi])),
    .product(name: "Atomics", package: "swift-atomics", condition: .when(platforms: [.wasi])),
    .product(name: "X509", package: "swift-certificates", condition: .when(platforms: [.wasi])),
    .product(name: "Collections", package: "swift-collections", condition: .when(platforms: [.wasi])),
    .product(name: "Configuration", package: "swift-configuration", condition: .when(platforms: [.wasi])),
    .product(
        name: "StructuredFieldValues", package: "swift-http-structured-headers", condition: .when(platforms: [.wasi])),
    .product(name: "NIOHTTP2", package: "swift-nio-http2", condition: .when(platforms: [.wasi])),
    .product(
        name: "NIOTransportServices", package: "swift-nio-transport-services", condition: .when(platforms: [.wasi])),
    .product(name: "Numerics", package: "swift-numerics", condition: .when(platforms: [.wasi])),
    .product(name: "ServiceContextModule", package: "swift-service-context", condition: .when(platforms: [.wasi])),
    .product(name: "SystemPackage", package: "swift-system", condition: .when(platforms: [.wasi])),
    .product(name: "AsyncHTTPClient", package: "async-http-client", condition: .when(platforms: [.wasi])),
]

var targets: [Target] = [
    .systemLibrary(name: "COpenVINO"),
    .systemLibrary(name: "CZlib"),
    module("Formats", ["CZlib"]),
    .target(name: "CStatus", publicHeadersPath: "include"),
    module("NativeCalls", ["CStatus"]),
    cVision,
    cTorch,
    module("Offloading"),
    module("Randomness"),
    module("Tensors"),
    module("Findings"),
    module("Wording", ["Findings"], resources: [.copy("Resources/Texts")]),
    module("Networks", ["Formats", "Randomness", "Tensors"]),
    module("Imaging", ["CVision", "Findings", "NativeCalls", "Randomness"]),
    cSlides,
    module("Slides", ["CSlides", "Formats", "Imaging", "NativeCalls"]),
    module("Packaging", ["CZlib", "Findings", "Formats", "Imaging", "Tensors", crypto]),
    module(
        "Inference", ["COpenVINO", "Formats", "Offloading", "Packaging"],
        linkerSettings: [rpath("\(openVINO)/libs"), .linkedLibrary("openvino_c")]),
    module("Cells", ["Findings", "Imaging", "Inference", "Randomness"]),
    module("Evaluation", ["Findings", "Randomness"]),
    module(
        "Screening",
        [
            "Cells", "Findings", "Formats", "Imaging", "Inference", "Evaluation", "Offloading", "Packaging", "Tensors",
            "Wording",
            crypto,
        ]),
    module("Datasets", ["Findings", "Formats", "Imaging", "Randomness", crypto]),
    module("Reports", ["Evaluation", "Findings", "Imaging"]),
    cPage,
    module("ScreeningReports", ["CPage", "Clinic", "Findings", "Formats", "Imaging", "NativeCalls", "Offloading"]),
    .systemLibrary(name: "CArgon2"),
    .systemLibrary(name: "CMariaDB"),
    module("Clinic", ["CArgon2", "Findings", "Formats", "Offloading", crypto]),
    .target(
        name: "CCurl", dependencies: ["CStatus"], publicHeadersPath: "include",
        linkerSettings: [.linkedLibrary("curl")]),
    module(
        "Store",
        ["CCurl", "Clinic", "CMariaDB", "Findings", "Formats", "NativeCalls", "Offloading", crypto, grdb]),
    module(
        "RemoteInference",
        [
            "CCurl", "Evaluation", "Formats", "Imaging", "Inference", "NativeCalls", "Offloading", "Packaging",
            "Randomness",
        ]),
    module("Mail", ["CCurl", "Formats", "NativeCalls", "Offloading", crypto]),
    module("Telemetry", ["CCurl", "Formats", "NativeCalls", "Offloading", coreMetrics, logging, tracing]),
    module(
        "Casework",
        [
            "Clinic", "Findings", "Formats", "Screening", "Imaging", "Inference", "Offloading", "Packaging", "Slides",
            crypto, logging, tracing,
        ]),
    module("Demonstration", ["Casework", "Clinic", "Findings", "Imaging", "Randomness", "Screening"]),
    module(
        "Training",
        [
            "CTorch", "Cells", "Findings", "Formats", "NativeCalls", "Networks", "Tensors", "Datasets", "Imaging",
            "Evaluation", "Offloading",
            "Packaging", "Randomness", "Reports", crypto,
        ]),
    cLearning,
    module(
        "Comparison",
        [
            "CLearning", "Datasets", "Evaluation", "Findings", "Formats", "Imaging", "NativeCalls", "Networks",
            "Randomness", "Tensors", "Training",
        ]),
    .systemLibrary(name: "CQREncode"),
    module(
        "Web",
        [
            "CQREncode", "CZlib", "Clinic", "Casework", "Evaluation", "Findings", "Formats", "Mail", "Imaging",
            "Offloading",
            "RemoteInference", "Screening",
            "ScreeningReports",
            "Packaging", "Telemetry", "Wording", crypto, coreMetrics,
            hummingbird,
            hummingbirdCore, hummingbirdTLS, httpTypes, nioSSL, nioCore, nioHTTP1, nioHTTPTypes, mustache,
            logging, serviceLifecycle, unixSignals,
        ], resources: [.copy("Resources")]),
    .executableTarget(
        name: "leukoscope",
        dependencies: [
            "Screening", "Inference", "Packaging", "Imaging", "Evaluation", "Datasets", "Reports", "Clinic", "Store",
            "Casework", "Demonstration", "Findings", "Formats", "Mail", "Offloading", "Randomness", "RemoteInference",
            "Slides", "Telemetry",
            "Web", "Wording",
            arguments,
            coreMetrics,
            crypto,
            logging,
            tracing,
        ] + broughtAlong,
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "leukoscope-lab",
        dependencies: [
            "Cells", "Comparison", "Training", "Networks", "Tensors", "Datasets", "Findings", "Imaging", "Evaluation",
            "Inference", "Offloading", "Packaging", "Reports", "Screening", arguments,
        ],
        swiftSettings: swiftSettings),
    tests(of: "Wording", ["Findings"]),
    tests(of: "Formats", ["ProcessFixtures"]),
    tests(of: "NativeCalls", ["CStatus"]),
    tests(of: "Offloading", ["ProcessFixtures"]),
    .target(
        name: "FindingsFixtures", dependencies: ["Findings"], path: "Tests/FindingsFixtures",
        swiftSettings: swiftSettings),
    .target(name: "LoopbackFixtures", path: "Tests/LoopbackFixtures", swiftSettings: swiftSettings),
    .target(name: "ProcessFixtures", path: "Tests/ProcessFixtures", swiftSettings: swiftSettings),
    tests(of: "Findings", ["Wording"]),
    tests(of: "Randomness"),
    tests(of: "Tensors"),
    .target(
        name: "NetworkFixtures", dependencies: ["Networks"], path: "Tests/NetworkFixtures",
        swiftSettings: swiftSettings),
    tests(of: "Networks", ["Tensors", "NetworkFixtures", "Randomness"]),
    tests(of: "Imaging", ["Findings", "Randomness"]),
    tests(of: "Slides", ["Imaging", "ProcessFixtures"]),
    tests(of: "Packaging", ["Findings", "Imaging", "ProcessFixtures", "Tensors"]),
    tests(of: "Inference", ["Packaging", "Tensors"]),
    tests(
        of: "Cells",
        ["Findings", "Imaging", "Packaging", "Randomness", "Screening", "Tensors", "Training", "Wording"]),
    tests(of: "Evaluation", ["Findings", "Randomness"]),
    tests(
        of: "Screening",
        ["Evaluation", "Findings", "Inference", "Offloading", "Packaging", "Imaging", "Tensors", "Wording"]),
    tests(of: "Datasets", ["Findings", "Formats", "Imaging", "Randomness", crypto]),
    tests(of: "Reports", ["Evaluation", "Imaging"]),
    tests(of: "ScreeningReports", ["CPage", "Clinic", "Findings", "FindingsFixtures", "Imaging"]),
    tests(of: "Clinic", ["Findings", "FindingsFixtures", "Store", "Randomness", "Wording"]),
    tests(
        of: "Store",
        ["Clinic", "Findings", "FindingsFixtures", "LoopbackFixtures", "ProcessFixtures", "Randomness"]),
    tests(
        of: "RemoteInference",
        ["Imaging", "Inference", "LoopbackFixtures", "Offloading", "Packaging", "ProcessFixtures"]),
    tests(of: "Mail", ["ProcessFixtures"]),
    tests(of: "Telemetry", [coreMetrics, logging, tracing]),
    tests(
        of: "Casework",
        [
            "Clinic", "Findings", "FindingsFixtures", "Store", "Screening", "Slides", "Packaging", "Imaging", crypto,
            logging,
        ]),
    // Replaces the executor of its process, so the tests start it as a program.
    .executableTarget(
        name: "leukoscope-simulate",
        dependencies: [
            "Casework", "Clinic", "Findings", "FindingsFixtures", "Imaging", "Offloading", "Randomness", "Screening",
            "Store", logging, sqlite,
        ],
        path: "Tests/Simulation", swiftSettings: swiftSettings),
    .testTarget(name: "SimulationTests", dependencies: ["ProcessFixtures"], swiftSettings: testSettings),
    tests(of: "Demonstration", ["Clinic", "Findings", "Store", "Screening", "Packaging"]),
    tests(
        of: "Training",
        [
            "Cells", "LoopbackFixtures", "Networks", "NetworkFixtures", "Tensors", "Datasets", "Findings", "Imaging",
            "Inference", "Packaging", "ProcessFixtures", "Evaluation", "Randomness", "Screening",
        ]),
    tests(of: "Comparison", ["Datasets", "Evaluation", "Imaging", "Randomness", "Training"]),
    tests(
        of: "Web",
        [
            "Offloading", "Screening", "Packaging", "Imaging", "Randomness", "Tensors", "Clinic", "Findings", "Store",
            "Casework",
            "Mail", "ProcessFixtures", "Slides", "Telemetry", "Wording", hummingbirdTesting, hummingbird, httpTypes,
            nioCore, logging,
            crypto,
        ]),
    // Starts the two programs as a person does; links nothing of them, and finds them beside the test bundle.
    .testTarget(
        name: "CommandTests", dependencies: ["Imaging", "LoopbackFixtures", "ProcessFixtures", "Tensors", crypto],
        swiftSettings: testSettings),
]

// LEUKOSCOPE_ONLY=Imaging,Networks builds and tests those modules and what they stand on, nothing else.
if let only = Context.environment["LEUKOSCOPE_ONLY"] {
    var kept = Set(only.split(separator: ",").map(String.init))
    kept.formUnion(kept.map { "\($0)Tests" })
    var added = true
    while added {
        added = false
        for target in targets where kept.contains(target.name) {
            for dependency in target.dependencies {
                switch dependency {
                case .byNameItem(let name, _), .targetItem(let name, _):
                    if kept.insert(name).inserted { added = true }
                default: break
                }
            }
        }
    }
    targets.removeAll { !kept.contains($0.name) }
}

let package = Package(
    name: "Leukoscope",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", exact: "2.13.0"),
        // What those bring along, pinned too: Package.resolved is no part of the repository. Scripts/pins.py sees to it.
        .package(url: "https://github.com/apple/swift-algorithms.git", exact: "1.2.1"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-atomics.git", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", exact: "1.7.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-transport-services.git", exact: "1.28.0"),
        .package(url: "https://github.com/apple/swift-numerics.git", exact: "1.1.1"),
        .package(url: "https://github.com/apple/swift-service-context.git", exact: "1.5.1"),
        .package(url: "https://github.com/apple/swift-system.git", exact: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
    ],
    targets: targets,
    cxxLanguageStandard: .cxx20
)

// `make docs` alone fetches and builds what makes pages of the catalogues.
if Context.environment["LEUKOSCOPE_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0"))
}
