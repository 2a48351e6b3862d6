/// Words that the passwords tried first are made of.
///
/// Written for this project from general knowledge of published rankings (keyboard rows, names, teams, the words
/// "password" and "welcome" in several languages, and this trade's own); no list of leaked passwords was copied. Small on
/// purpose: `PasswordRules` strips digits, signs and look-alikes first, so that each word stands for hundreds.
enum CommonPasswords {
    static let words: Set<String> = Set(list.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Whether the text is two of the words in a row, such as `welcomeadmin`.
    static func isPair(_ text: String) -> Bool {
        text.indices.dropFirst().contains { index in
            words.contains(String(text[..<index])) && words.contains(String(text[index...]))
        }
    }

    private static let list = """
        abc abcd abcdef abcdefg access admin administrator alejandro alexander always amanda america amour
        andrew android angel anjali anthony antonio apple arsenal asdf asdfasdf asdfgh asdfghjkl ashley ashok
        autumn azerty baby babygirl banana barcelona baseball basketball batman berlin bharat blessed blood
        bonjour boston brother bubbles buster butterfly canada carlos change changeme charlie charlotte cheese
        chelsea chennai chicago chocolate christ christopher clinic computer contrasena cookie corvette cowboys
        dallas daniel daniela database deepak default delhi demo diamond doctor doctors doudou dragon eagles
        eduardo elizabeth enter estrella example facebook family father fernando ferrari ficken flower football
        forever fortnite francisco freedom friend friends gabriela ganesh gatito geheim ginger golden google
        guest hallo hammer harley health heaven hello hockey hola honey hospital hunter iloveyou india internet
        ironman isabel isabella jennifer jessica jesus jordan joseph joshua juventus keepout killer krishna
        kumar lab laboratory lakers lakshmi letmein leukaemia leukemia leukoscope lightning linkedin liverpool
        login london loulou love lovely loveyou madras manchester maria mariposa marseille master matrix
        matthew medical medicine mercedes michael mickey microscope microsoft minecraft monkey motdepasse
        mother mumbai mustang naruto network never nicole ninja nobody nothing nurse open opensesame oracle
        orange paris pass passer passphrase passwd password passwort patient patients pepper phoenix pikachu
        pokemon porsche princesa princess private priya purple qazwsx qazwsxedc qweasd qweasdzxc qwerty
        qwertyuiop qwertz rahul rainbow ranger ricardo robert root samantha sample samsung sandeep schatz
        scooby secret secure security senha server sesame shadow shiva silver sister soccer soleil sommer
        sophia spiderman spring startup starwars steelers strawberry summer sunshine superman sweety system
        tamil teamo temp temporary test tester testing thomas thunder tigger together trustno twitter unknown
        user valentina victoria welcome whatever william windows winter wsxedc xsw yamaha yankees yellow zaq
        zxcvbn zxcvbnm
        """
}
