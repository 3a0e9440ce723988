using System.Runtime.InteropServices;

namespace LlIcm.Vision;

/// <summary>
/// Unicode normalisation form C (Unicode Standard Annex 15). The runtime's own does nothing where it runs without
/// culture data, as this program does.
/// </summary>
internal static class ComposedForm
{
    private const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7;
    private const int LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    private static readonly Dictionary<(char First, char Second), char> Composed = [];
    private static readonly Dictionary<char, string> Decomposed = [];
    private static readonly Dictionary<char, byte> Classes = [];

    static ComposedForm()
    {
        foreach ((char mark, string pairs) in ComposedFormData.Compositions)
        {
            for (int i = 0; i < pairs.Length; i += 2)
            {
                Composed.Add((pairs[i], mark), pairs[i + 1]);
                Decomposed.Add(pairs[i + 1], $"{pairs[i]}{mark}");
            }
        }
        foreach ((char composed, string parts) in ComposedFormData.Decompositions) Decomposed.Add(composed, parts);
        foreach ((char first, char last, byte combiningClass) in ComposedFormData.CombiningClasses)
            for (int c = first; c <= last; c++) Classes.Add((char)c, combiningClass);
    }

    /// <summary>The text with characters and their accents composed where Unicode has a character for both.</summary>
    public static string Of(string text)
    {
        // Nothing below the first combining mark composes or decomposes.
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF')) return text;
        var characters = new List<char>(text.Length + 8);
        foreach (char c in text) Decompose(c, characters);
        Span<char> span = CollectionsMarshal.AsSpan(characters);
        Order(span);
        return span[..Compose(span)].ToString();
    }

    private static int ClassOf(char c) => Classes.GetValueOrDefault(c);

    private static void Decompose(char c, List<char> result)
    {
        int s = c - SBase;
        if (s is >= 0 and < SCount)
        {
            result.Add((char)(LBase + s / (VCount * TCount)));
            result.Add((char)(VBase + s / TCount % VCount));
            if (s % TCount != 0) result.Add((char)(TBase + s % TCount));
        }
        else if (Decomposed.TryGetValue(c, out string? parts))
        {
            foreach (char part in parts) Decompose(part, result);
        }
        else
        {
            result.Add(c);
        }
    }

    // Accents that do not touch each other may be written in any order; this makes it one.
    private static void Order(Span<char> characters)
    {
        for (int end, start = 0; start < characters.Length; start = end + 1)
        {
            for (end = start; end < characters.Length && ClassOf(characters[end]) != 0;) end++;
            // A stable sort: accents that do touch keep their order.
            if (end - start > 1)
                characters[start..end].ToArray().OrderBy(ClassOf).ToArray().CopyTo(characters[start..]);
        }
    }

    /// <summary>Composes in place and returns how many characters are left.</summary>
    private static int Compose(Span<char> characters)
    {
        int starter = -1, kept = 0, lastClass = 0;
        for (int i = 0; i < characters.Length; i++)
        {
            char c = characters[i];
            int combiningClass = ClassOf(c);
            // An accent of the same class in between blocks the composition.
            bool reaches = starter >= 0 && (kept - starter == 1 || (lastClass != 0 && lastClass < combiningClass));
            if (reaches && Pair(characters[starter], c) is { } composed)
            {
                characters[starter] = composed;
                continue;
            }
            if (combiningClass == 0) starter = kept;
            lastClass = combiningClass;
            characters[kept++] = c;
        }
        return kept;
    }

    private static char? Pair(char first, char second)
    {
        int l = first - LBase, v = second - VBase, s = first - SBase, t = second - TBase;
        if (l is >= 0 and < LCount && v is >= 0 and < VCount) return (char)(SBase + (l * VCount + v) * TCount);
        if (s is >= 0 and < SCount && s % TCount == 0 && t is > 0 and < TCount) return (char)(first + t);
        return Composed.TryGetValue((first, second), out char composed) ? composed : null;
    }
}
