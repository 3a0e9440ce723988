using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LlIcm.Tensors.Serialization;

namespace LlIcm.Quality;

/// <summary>
/// A SentencePiece model of the byte-pair kind with fallback to bytes, as LLaMA's <c>tokenizer.model</c> is one
/// (github.com/google/sentencepiece). Text is taken as it is: LLaMA's model normalises nothing.
/// </summary>
internal sealed class SentencePieceTokenizer
{
    private const char Space = '\u2581';
    private const int MaximalLength = 64 << 20, BytePairs = 2, ByteCount = 256;

    // Wire types and field numbers of sentencepiece_model.proto.
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;
    private const int PieceField = 1, TrainerField = 2, ModelTypeField = 3;
    private const int TextField = 1, ScoreField = 2, KindField = 3, NormalKind = 1, ControlKind = 3, UserKind = 4, ByteKind = 6;

    private readonly Dictionary<string, (int Id, float Score)> _pieces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _control = new(StringComparer.Ordinal);
    private readonly int[] _bytes = new int[ByteCount];

    private SentencePieceTokenizer(ReadOnlySpan<byte> model)
    {
        Array.Fill(_bytes, -1);
        int id = 0, kind = 0;
        var reader = new WireReader(model);
        while (reader.Next(out int field, out _, out ReadOnlySpan<byte> content))
        {
            if (field == PieceField) AddPiece(content, id++);
            else if (field == TrainerField) kind = KindOf(content);
        }
        if (kind != BytePairs || _pieces.Count == 0 || _bytes.Contains(-1) || !_control.ContainsKey("<s>"))
            throw new FormatException();
    }

    /// <summary>The token that begins a text.</summary>
    public int Begin => _control["<s>"];

    /// <summary>Reads a model.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="WeightFormatException">It is no such model.</exception>
    public static SentencePieceTokenizer Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaximalLength) throw new FormatException();
            return new SentencePieceTokenizer(File.ReadAllBytes(path));
        }
        catch (FormatException error)
        {
            throw new WeightFormatException($"{path}: not a SentencePiece model of byte pairs with byte fallback", error);
        }
    }

    /// <summary>The tokens of a text, a space put before it; without the token that begins one.</summary>
    public long[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<string> parts = [];
        foreach (Rune rune in (Space + text.Replace(' ', Space)).EnumerateRunes()) parts.Add(rune.ToString());
        // The best of all neighbours that make a piece is joined, of equal ones the first, until none makes one. Prompts are
        // short enough for looking through them each time.
        while (true)
        {
            int best = -1;
            float score = float.NegativeInfinity;
            for (int i = 0; i + 1 < parts.Count; i++)
            {
                if (!_pieces.TryGetValue(parts[i] + parts[i + 1], out (int Id, float Score) piece) || (best >= 0 && piece.Score <= score))
                    continue;
                (best, score) = (i, piece.Score);
            }
            if (best < 0) break;
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
        return [.. parts.SelectMany(Ids)];
    }

    private IEnumerable<long> Ids(string part) => _pieces.TryGetValue(part, out (int Id, float Score) piece)
        ? [piece.Id]
        : Encoding.UTF8.GetBytes(part).Select(each => (long)_bytes[each]);

    private void AddPiece(ReadOnlySpan<byte> content, int id)
    {
        string text = "";
        float score = 0;
        int kind = NormalKind;
        var reader = new WireReader(content);
        while (reader.Next(out int field, out ulong number, out ReadOnlySpan<byte> bytes))
        {
            if (field == TextField) text = Encoding.UTF8.GetString(bytes);
            else if (field == ScoreField) score = BitConverter.UInt32BitsToSingle((uint)number);
            else if (field == KindField) kind = (int)number;
        }
        if (kind is NormalKind or UserKind) _pieces.TryAdd(text, (id, score));
        else if (kind == ControlKind) _control[text] = id;
        else if (kind == ByteKind && text.Length == "<0x00>".Length
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            _bytes[value] = id;
    }

    private static int KindOf(ReadOnlySpan<byte> trainer)
    {
        int kind = 1;
        var reader = new WireReader(trainer);
        while (reader.Next(out int field, out ulong number, out _))
            if (field == ModelTypeField) kind = (int)number;
        return kind;
    }

    /// <summary>Goes through the fields of a protocol-buffers message.</summary>
    private ref struct WireReader(ReadOnlySpan<byte> message)
    {
        private ReadOnlySpan<byte> _rest = message;

        /// <exception cref="FormatException">The message is damaged.</exception>
        public bool Next(out int field, out ulong number, out ReadOnlySpan<byte> content)
        {
            (field, number) = (0, 0);
            content = default;
            if (_rest.IsEmpty) return false;
            ulong key = Number();
            field = (int)(key >> 3);
            switch ((int)(key & 7))
            {
                case Varint:
                    number = Number();
                    break;
                case Fixed64:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                    break;
                case LengthDelimited:
                    content = Take(Number());
                    break;
                case Fixed32:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                    break;
                default:
                    throw new FormatException();
            }
            return true;
        }

        private ReadOnlySpan<byte> Take(ulong length)
        {
            if (length > (ulong)_rest.Length) throw new FormatException();
            ReadOnlySpan<byte> taken = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return taken;
        }

        private ulong Number()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = Take(1)[0];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80) return value;
            }
            throw new FormatException();
        }
    }
}
