import ArgumentParser
import Foundation

/// `leukoscope certificate`: a local authority and a certificate, so that browsers give a page on a closed network the camera.
///
/// It calls the `openssl` program: making certificates in the program itself (swift-certificates) would compile a second library of
/// cryptography for a command that runs once a year.
struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate",
        abstract: "Makes a local authority and a certificate for the live microscope on a closed network.",
        discussion: """
            Browsers give a page the camera only over HTTPS, or on the machine itself. On a network without a name of its own, this makes \
            an authority that your telephones and computers are told to trust once (docs/live.md has the steps), and a certificate for \
            the server's name or address, signed by it.

            The folder gets authority.pem (to hand out), authority.key (to keep away from everybody: whoever holds it can pretend to be \
            any site to those who trust it), certificate.pem and certificate.key (for the proxy). An authority that is there is used \
            again, so that nobody has to trust a new one when the certificate is renewed.

            EXAMPLES
              leukoscope certificate --host smears.lan --host 192.168.1.20 --out /etc/leukoscope/tls

            EXIT CODES
              0   done
              64  wrong usage
              69  openssl is not installed, or the folder cannot be written
              70  openssl failed
            """)

    @Option(help: "A name or an address of the server, as it stands in the browser; may be given several times.")
    var host: [String]
    @Option(help: "Folder to write into; made if it does not exist.") var out: String
    @Option(help: "Days that the certificate holds, 1 to 397; browsers take none that holds longer.") var days = 397

    /// Days that the authority holds.
    private static let authorityDays = 3650

    func validate() throws {
        guard !host.isEmpty, host.count <= 20 else { throw ValidationError("Give 1 to 20 names with --host.") }
        for name in host where !Self.isHost(name) {
            throw ValidationError(
                "--host \(name) is no name or address; it must look like smears.lan, 192.168.1.20 or fd00::20.")
        }
        guard (1...397).contains(days) else { throw ValidationError("--days must be 1 to 397.") }
    }

    func run() throws {
        let openSSL = try Self.find()
        let folder = URL(fileURLWithPath: out, isDirectory: true)
        func path(_ name: String) -> String { folder.appending(path: name).path }
        // A key and its certificate get their names once both are there: neither stands beside an old one when the other fails.
        func temporary(_ name: String) -> String { path("\(name).tmp") }
        let pairs = (authority: ["authority.key", "authority.pem"], own: ["certificate.key", "certificate.pem"])
        func name(_ pair: [String]) throws {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: temporary(pair[0]))
            for file in pair {
                guard rename(temporary(file), path(file)) == 0 else {
                    let reason = String(cString: strerror(errno))
                    throw ProgramExit.stop("\(path(file)) cannot be written: \(reason)", ProgramExit.unavailable)
                }
            }
        }
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ProgramExit.stop("\(out) cannot be made: \(error.localizedDescription)", ProgramExit.unavailable)
        }
        let (request, settings) = (path("request.tmp"), path("extensions.tmp"))
        defer { for file in (pairs.authority + pairs.own).map(temporary) + [request, settings] { unlink(file) } }
        if try Self.needsAuthority(path("authority.pem"), path("authority.key")) {
            try openSSL.run([
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
                "-days", String(Self.authorityDays), "-subj", "/CN=Leukoscope local authority",
                "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                "-keyout", temporary("authority.key"), "-out", temporary("authority.pem"),
            ])
            try name(pairs.authority)
        }
        let extensions = [
            "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
            "extendedKeyUsage=serverAuth", "subjectAltName=\(host.map(Self.alternativeName).joined(separator: ","))",
        ]
        try Data((extensions.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: settings))
        try openSSL.run([
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
            "-subj", "/O=Leukoscope/CN=\(host[0].prefix(64))", "-keyout", temporary("certificate.key"),
            "-out", request,
        ])
        try openSSL.run([
            "x509", "-req", "-in", request, "-sha256", "-days", String(days), "-CA", path("authority.pem"),
            "-CAkey", path("authority.key"), "-set_serial", Self.serial(), "-extfile", settings,
            "-out", temporary("certificate.pem"),
        ])
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path("authority.key"))
        try name(pairs.own)
        print(
            "certificate.pem for \(host.joined(separator: ", ")), \(days) days, signed by authority.pem, in \(folder.path)"
        )
    }

    /// - Throws: `ProgramExit.unavailable` where one file of the authority is there without the other: it is not replaced.
    private static func needsAuthority(_ certificate: String, _ key: String) throws -> Bool {
        let there = [certificate, key].filter { FileManager.default.fileExists(atPath: $0) }
        guard there.count != 1 else {
            throw ProgramExit.stop(
                "\(there[0]) is there without the other file of the authority. Put it back, or choose another folder.",
                ProgramExit.unavailable)
        }
        return there.isEmpty
    }

    /// Random and not zero (CA/Browser Forum, Baseline Requirements, 7.1: at least 64 random bits).
    private static func serial() -> String {
        "0x" + String(UInt64.random(in: 1...(UInt64.max >> 1)), radix: 16)
            + String(UInt64.random(in: 0...UInt64.max), radix: 16)
    }

    static func isHost(_ name: String) -> Bool {
        isAddress(name)
            || (name.utf8.count <= 253
                && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
                    (1...63).contains(part.utf8.count) && !part.hasPrefix("-") && !part.hasSuffix("-")
                        && part.utf8.allSatisfy { byte in
                            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                                || byte == UInt8(ascii: "-")
                        }
                })
    }

    private static func isAddress(_ name: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
    }

    private static func alternativeName(_ host: String) -> String { (isAddress(host) ? "IP:" : "DNS:") + host }

    private static func find() throws -> OpenSSLProgram {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        guard
            let found = folders.map({ "\($0)/openssl" }).first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else {
            throw ProgramExit.stop("openssl is not installed (apt-get install openssl).", ProgramExit.unavailable)
        }
        return OpenSSLProgram(path: found)
    }
}

/// The `openssl` program.
private struct OpenSSLProgram {
    let path: String

    /// - Throws: `ProgramExit.internalError` after what it said went to standard error.
    func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let said = Pipe()
        (process.standardError, process.standardOutput) = (said, FileHandle.nullDevice)
        process.standardInput = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            throw ProgramExit.stop("\(path) cannot be run: \(error.localizedDescription)", ProgramExit.unavailable)
        }
        let words = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProgramExit.stop("openssl \(arguments[0]) failed: \(words)", ProgramExit.internalError)
        }
    }
}
