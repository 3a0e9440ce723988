using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace LlIcm.Vision;

/// <summary>
/// CLIP's byte-pair tokenizer (github.com/openai/CLIP <c>simple_tokenizer.py</c>, as used by open_clip and DA-CLIP).
/// The vocabulary is the published <c>bpe_simple_vocab_16e6.txt.gz</c>, which users bring along. Safe to use from
/// several threads.
/// </summary>
public sealed class ClipTokenizer
{
    private const int MergeCount = 49152 - 256 - 2;
    private const int MaxVocabularyLength = 16 << 20;
    private const string WordEnd = "</w>";
    private const string StartText = "<start_of_text>", EndText = "<end_of_text>";

    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];
    private readonly List<string> _tokens = [];
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<char, byte> _byteOf = [];

    private ClipTokenizer(string[] lines)
    {
        // Bytes that print as themselves keep their character; the others get characters from 256 on. Their order in
        // the vocabulary is that of this list.
        byte[] order =
        [
            .. Range('!', '~'), .. Range('¡', '¬'), .. Range('®', 'ÿ'),
            .. Range('\0', ' '), .. Range('\u007F', '\u00A0'), 0xAD,
        ];
        const int printable = 188;
        for (int id = 0; id < order.Length; id++)
        {
            char shown = (char)(id < printable ? order[id] : 256 + id - printable);
            _byteIds[order[id]] = id;
            _byteOf[shown] = order[id];
            _tokens.Add(shown.ToString());
        }
        for (int id = 0; id < order.Length; id++) _tokens.Add(_tokens[id] + WordEnd);

        Dictionary<string, int> ids = _tokens.Select((token, id) => (token, id)).ToDictionary(t => t.token, t => t.id);
        for (int rank = 0; rank < MergeCount; rank++)
        {
            string[] pair = lines[rank + 1].Split(' ');
            if (pair.Length != 2 || !ids.TryGetValue(pair[0], out int left) || !ids.TryGetValue(pair[1], out int right)
                || !_merges.TryAdd((left, right), (rank, _tokens.Count))
                || !ids.TryAdd(pair[0] + pair[1], _tokens.Count))
                throw new InvalidDataException($"not CLIP's vocabulary: line {rank + 2} is no merge of known tokens");
            _tokens.Add(pair[0] + pair[1]);
        }
        StartId = _tokens.Count;
        EndId = StartId + 1;
        _tokens.Add(StartText);
        _tokens.Add(EndText);
    }

    /// <summary>The number of tokens: 49408.</summary>
    public int VocabularySize => _tokens.Count;

    /// <summary>Id of the token before a text.</summary>
    public int StartId { get; }

    /// <summary>Id of the token after a text; the largest of all, by which the text tower finds it.</summary>
    public int EndId { get; }

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="vocabulary">
    /// The content of <c>bpe_simple_vocab_16e6.txt.gz</c>, compressed or not; left open.
    /// </param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static ClipTokenizer Load(Stream vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        using var bytes = new MemoryStream(ReadAll(vocabulary));
        if (bytes.Length > 2 && bytes.ReadByte() == 0x1F && bytes.ReadByte() == 0x8B)
        {
            bytes.Position = 0;
            using var gzip = new GZipStream(bytes, CompressionMode.Decompress);
            return Parse(ReadAll(gzip));
        }
        return Parse(bytes.ToArray());
    }

    /// <summary>Reads the vocabulary from a file.</summary>
    /// <param name="path">The path of <c>bpe_simple_vocab_16e6.txt.gz</c>.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static ClipTokenizer Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Load(stream);
    }

    /// <summary>
    /// What is done to a text before it is cut into tokens: repaired (the common part of what ftfy does),
    /// HTML references replaced twice, white space collapsed, lower case.
    /// </summary>
    public static string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = HtmlEntities.Unescape(HtmlEntities.Unescape(TextRepair.Of(text)));
        return LowerCase.Of(string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));
    }

    /// <summary>The tokens of a text, without start, end and padding.</summary>
    public int[] Encode(string text)
    {
        string clean = Clean(text);
        var ids = new List<int>();
        for (int at = 0; at < clean.Length;)
        {
            int length = ClipWords.LengthAt(clean, at, StartText, EndText);
            if (length > 0) EncodeWord(clean.AsSpan(at, length), ids);
            at += Math.Max(length, 1);
        }
        return [.. ids];
    }

    /// <summary>
    /// The text tower's input: start, tokens, end, then zeros. A longer text is cut, its last token replaced by the
    /// end.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="contextLength">Length of the result, at least 2.</param>
    /// <returns>Token ids <c>[contextLength]</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for start and end.</exception>
    public long[] Tokenize(string text, int contextLength = 77)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 2);
        int[] ids = Encode(text);
        var context = new long[contextLength];
        int taken = Math.Min(ids.Length, contextLength - 2);
        context[0] = StartId;
        for (int i = 0; i < taken; i++) context[i + 1] = ids[i];
        context[taken + 1] = EndId;
        return context;
    }

    /// <summary>The text tower's input for several texts.</summary>
    /// <param name="texts">Any texts.</param>
    /// <param name="contextLength">Length of each row, at least 2.</param>
    /// <returns>Token ids <c>[texts, contextLength]</c>, row by row.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for start and end.</exception>
    public long[] Tokenize(IEnumerable<string> texts, int contextLength = 77)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.SelectMany(text => Tokenize(text, contextLength))];
    }

    /// <summary>The text of tokens, with a space after each word, as the reference decodes it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An id that is none of the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids)
    {
        var bytes = new List<byte>();
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)_tokens.Count)
                throw new ArgumentOutOfRangeException(nameof(ids), id, "no such token");
            string token = _tokens[id];
            bool ends = token.EndsWith(WordEnd, StringComparison.Ordinal);
            foreach (char c in ends ? token[..^WordEnd.Length] : token) bytes.Add(_byteOf[c]);
            if (ends) bytes.Add((byte)' ');
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static IEnumerable<byte> Range(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(c => (byte)c);

    private static byte[] ReadAll(Stream stream)
    {
        using var all = new MemoryStream();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        for (int count; (count = stream.Read(buffer)) > 0;)
        {
            all.Write(buffer, 0, count);
            if (all.Length > MaxVocabularyLength) throw new InvalidDataException("not CLIP's vocabulary: too long");
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return all.ToArray();
    }

    private static ClipTokenizer Parse(byte[] text)
    {
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        if (lines.Length <= MergeCount)
            throw new InvalidDataException($"not CLIP's vocabulary: {lines.Length} lines, not {MergeCount + 1}");
        return new ClipTokenizer(lines);
    }

    private void EncodeWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (word is StartText or EndText)
        {
            ids.Add(word is StartText ? StartId : EndId);
            return;
        }
        byte[] bytes = Encoding.UTF8.GetBytes(word.ToArray());
        int[] parts = Array.ConvertAll(bytes, value => _byteIds[value]);
        parts[^1] += 256;
        int count = parts.Length;
        while (count > 1)
        {
            (int Rank, int Id) best = (int.MaxValue, 0);
            (int Left, int Right) pair = default;
            for (int i = 0; i + 1 < count; i++)
            {
                (int, int) here = (parts[i], parts[i + 1]);
                if (_merges.TryGetValue(here, out (int Rank, int Id) merge) && merge.Rank < best.Rank)
                    (best, pair) = (merge, here);
            }
            if (best.Rank == int.MaxValue) break;
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                bool merged = i + 1 < count && (parts[i], parts[i + 1]) == pair;
                parts[kept++] = merged ? best.Id : parts[i];
                if (merged) i++;
            }
            count = kept;
        }
        ids.AddRange(parts.AsSpan(0, count));
    }
}
