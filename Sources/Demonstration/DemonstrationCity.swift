import Clinic
import Foundation

/// A city with fictional doctors: what is true of it, and names that might be found there.
struct DemonstrationCity: Sendable {
    let name: String
    let countryCode: String
    let position: GeoPosition
    let timeZone: String
    /// ISO 639-1.
    let languages: [String]
    let currency: String
    /// Units of the currency for one visit, from and up to.
    let fees: ClosedRange<Int>
    let givenNames: [String]
    let familyNames: [String]
    let streets: [String]

    init(
        _ name: String, _ countryCode: String, _ latitude: Double, _ longitude: Double, _ timeZone: String,
        languages: String, currency: String, fees: ClosedRange<Int>, given: String, family: String, streets: String
    ) {
        self.name = name
        self.countryCode = countryCode
        position = GeoPosition(latitude: latitude, longitude: longitude)
        self.timeZone = timeZone
        self.languages = languages.split(separator: " ").map(String.init)
        self.currency = currency
        self.fees = fees
        givenNames = given.split(separator: " ").map(String.init)
        familyNames = family.split(separator: " ").map(String.init)
        self.streets = streets.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The first one is where patient and clinician of the demonstration live.
    static let all: [DemonstrationCity] = [
        DemonstrationCity(
            "Bengaluru", "IN", 12.9716, 77.5946, "Asia/Kolkata", languages: "kn en hi ta te", currency: "INR",
            fees: 300...1500, given: "Anitha Suresh Kavya Ramesh Lakshmi Naveen Deepa Arvind Shruti Manoj",
            family: "Rao Gowda Hegde Shetty Iyer Kulkarni Naidu Murthy", streets: "Lake Road, Temple Street, Mill Lane"),
        DemonstrationCity(
            "Chennai", "IN", 13.0827, 80.2707, "Asia/Kolkata", languages: "ta en te", currency: "INR",
            fees: 300...1200, given: "Priya Karthik Meena Vijay Revathi Senthil Divya Ganesh",
            family: "Raman Subramanian Selvam Natarajan Pillai Chandran",
            streets: "Beach Road, Station Road, Park Street"),
        DemonstrationCity(
            "Dhaka", "BD", 23.8103, 90.4125, "Asia/Dhaka", languages: "bn en", currency: "BDT", fees: 500...2000,
            given: "Farhana Rafiq Nusrat Tanvir Sadia Imran Shirin Hasan",
            family: "Rahman Chowdhury Islam Akter Hossain Sarkar", streets: "River Road, New Market Road, Garden Lane"),
        DemonstrationCity(
            "Nairobi", "KE", -1.2864, 36.8172, "Africa/Nairobi", languages: "sw en", currency: "KES",
            fees: 1500...6000, given: "Wanjiru Otieno Achieng Kamau Njeri Kiprop Akinyi Mwangi",
            family: "Kariuki Odhiambo Mutua Wekesa Chebet Njoroge", streets: "Hill Road, Forest Drive, Market Street"),
        DemonstrationCity(
            "Lagos", "NG", 6.4541, 3.3947, "Africa/Lagos", languages: "en yo ig ha", currency: "NGN",
            fees: 8000...40000, given: "Adaeze Tunde Ngozi Femi Chioma Bola Emeka Yetunde",
            family: "Adeyemi Okafor Balogun Eze Bello Ogunleye", streets: "Marina Walk, Palm Avenue, Creek Road"),
        DemonstrationCity(
            "Tehran", "IR", 35.6892, 51.3890, "Asia/Tehran", languages: "fa en", currency: "IRR",
            fees: 2_000_000...9_000_000, given: "Maryam Reza Shirin Amir Leila Hamid Nasrin Kaveh",
            family: "Ahmadi Karimi Moradi Rezaei Jafari Sadeghi", streets: "Garden Street, Bazaar Road, Spring Alley"),
        DemonstrationCity(
            "Manila", "PH", 14.5995, 120.9842, "Asia/Manila", languages: "tl en", currency: "PHP", fees: 500...2500,
            given: "Maria Jose Grace Ramon Liza Antonio Carmela Paolo",
            family: "Santos Reyes Cruz Bautista Ocampo Garcia", streets: "Harbour Road, Mango Street, Chapel Lane"),
        DemonstrationCity(
            "Lima", "PE", -12.0464, -77.0428, "America/Lima", languages: "es qu", currency: "PEN", fees: 80...350,
            given: "Rosa Carlos Milagros Jorge Elena Luis Flor Raul",
            family: "Quispe Flores Rojas Huaman Vargas Salazar", streets: "Calle del Mar, Avenida del Sol, Calle Nueva"),
        DemonstrationCity(
            "São Paulo", "BR", -23.5505, -46.6333, "America/Sao_Paulo", languages: "pt es", currency: "BRL",
            fees: 150...700, given: "Ana João Beatriz Pedro Camila Rafael Helena Tiago",
            family: "Silva Souza Oliveira Almeida Ribeiro Costa", streets: "Rua das Flores, Avenida do Lago, Rua Nova"),
        DemonstrationCity(
            "Leipzig", "DE", 51.3397, 12.3731, "Europe/Berlin", languages: "de en", currency: "EUR", fees: 60...180,
            given: "Katrin Jonas Miriam Stefan Ulrike Lukas Anja Holger",
            family: "Richter Hofmann Vogel Lindner Schubert Krause", streets: "Gartenstraße, Am Mühlgraben, Lindenweg"),
    ]
}
