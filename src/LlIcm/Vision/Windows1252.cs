namespace LlIcm.Vision;

/// <summary>The code page that text is most often mistaken for.</summary>
internal static class Windows1252
{
    // 0x80 to 0x9F; the five bytes without a character stand for the control of the same number.
    private const string Upper =
        "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F" +
        "\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    public static char Decode(byte value) => value is >= 0x80 and < 0xA0 ? Upper[value - 0x80] : (char)value;

    /// <summary>The byte of a character, or null. Controls from 0x80 count as themselves, as in Latin-1.</summary>
    public static byte? Encode(char c)
    {
        if (c < 0x100) return (byte)c;
        int at = Upper.IndexOf(c);
        return at >= 0 ? (byte)(0x80 + at) : null;
    }
}
