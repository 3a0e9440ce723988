namespace LlIcm.Container;

/// <summary>
/// Lossless coding of which pixels are missing: each pixel's mark by an adaptive binary arithmetic coder whose context are twelve marks that
/// are known already, as in JBIG (ITU-T T.82). docs/format.md specifies it.
/// </summary>
public static class HoleMaskCodec
{
    private const string What = "hole mask";
    private const int ContextBits = 12, ProbabilityBits = 16;
    private const int Start = 1 << (ProbabilityBits - 1), Least = 1 << 5;
    // A context's estimate is a mean of what it has seen, later one that forgets.
    private const int SlowestRate = 64;

    /// <summary>Packs marks.</summary>
    /// <param name="missing">Whether each pixel is missing, row-major <c>[height, width]</c>.</param>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <returns>The payload of a hole segment.</returns>
    /// <exception cref="ArgumentException">Sizes disagree.</exception>
    public static byte[] Encode(ReadOnlySpan<bool> missing, int width, int height)
    {
        if (width < 1 || height < 1 || missing.Length != (long)width * height)
            throw new ArgumentException($"{missing.Length} marks are not a plane of {width}×{height}", nameof(missing));
        var model = new Model();
        var encoder = new Encoder();
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int context = ContextOf(missing, width, x, y);
                bool mark = missing[y * width + x];
                encoder.Code(mark, model.Missing(context));
                model.Learn(context, mark);
            }
        }
        return encoder.Finish();
    }

    /// <summary>Unpacks marks.</summary>
    /// <param name="payload">What <see cref="Encode"/> gave.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <returns>Whether each pixel is missing, row-major <c>[height, width]</c>.</returns>
    /// <exception cref="LlicFormatException">The payload is damaged or of another size.</exception>
    public static bool[] Decode(ReadOnlySpan<byte> payload, int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > Array.MaxLength)
            throw new LlicFormatException($"a hole mask of {width}×{height} does not fit in memory");
        bool[] missing = new bool[width * height];
        var model = new Model();
        var decoder = new Decoder(payload);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int context = ContextOf(missing, width, x, y);
                bool mark = decoder.Decode(model.Missing(context));
                model.Learn(context, mark);
                missing[y * width + x] = mark;
            }
            // Long before a whole picture of made-up marks.
            if (decoder.Exhausted) throw new LlicFormatException($"the {What} is damaged");
        }
        if (!decoder.AtEnd) throw new LlicFormatException($"the {What} is damaged");
        return missing;
    }

    // Three marks two rows above, five in the row above, four to the left; 0 outside the picture.
    private static int ContextOf(ReadOnlySpan<bool> missing, int width, int x, int y)
    {
        int context = 0;
        for (int dx = -1; dx <= 1; dx++) context = context << 1 | At(missing, width, x + dx, y - 2);
        for (int dx = -2; dx <= 2; dx++) context = context << 1 | At(missing, width, x + dx, y - 1);
        for (int dx = -4; dx <= -1; dx++) context = context << 1 | At(missing, width, x + dx, y);
        return context;
    }

    private static int At(ReadOnlySpan<bool> missing, int width, int x, int y) =>
        y >= 0 && (uint)x < (uint)width && missing[y * width + x] ? 1 : 0;

    // The probability, of 2^16, that a context's next mark says "missing".
    private sealed class Model
    {
        private readonly int[] _missing = new int[1 << ContextBits];
        private readonly byte[] _seen = new byte[1 << ContextBits];

        public Model() => Array.Fill(_missing, Start);

        public uint Missing(int context) => (uint)_missing[context];

        public void Learn(int context, bool mark)
        {
            int rate = _seen[context] + 2;
            int target = mark ? (1 << ProbabilityBits) - Least : Least;
            _missing[context] += (target - _missing[context]) / rate;
            if (rate < SlowestRate) _seen[context]++;
        }
    }

    // The range coder of LZMA: a carry runs back through the bytes 0xFF that wait for it.
    private sealed class Encoder
    {
        private readonly List<byte> _bytes = [];
        private ulong _low;
        private uint _range = uint.MaxValue;
        private byte _waiting;
        private int _full;
        private bool _first = true;

        public void Code(bool mark, uint probability)
        {
            uint bound = (_range >> ProbabilityBits) * probability;
            if (mark) _range = bound;
            else
            {
                _low += bound;
                _range -= bound;
            }
            while (_range < 1u << 24)
            {
                _range <<= 8;
                Shift();
            }
        }

        public byte[] Finish()
        {
            for (int i = 0; i < 5; i++) Shift();
            int length = _bytes.Count;
            // A reader takes zeros after the end.
            while (length > 0 && _bytes[length - 1] == 0) length--;
            return [.. _bytes.Take(length)];
        }

        private void Shift()
        {
            if (_low < 0xFF000000 || _low > uint.MaxValue)
            {
                byte carry = (byte)(_low >> 32);
                // The first byte is always 0.
                if (!_first) _bytes.Add((byte)(_waiting + carry));
                for (; _full > 0; _full--) _bytes.Add((byte)(0xFF + carry));
                (_first, _waiting) = (false, (byte)(_low >> 24));
            }
            else _full++;
            _low = (_low & 0x00FFFFFF) << 8;
        }
    }

    private ref struct Decoder
    {
        private readonly ReadOnlySpan<byte> _bytes;
        private int _position;
        private uint _code, _range = uint.MaxValue;

        public Decoder(ReadOnlySpan<byte> bytes)
        {
            _bytes = bytes;
            for (int i = 0; i < 4; i++) _code = _code << 8 | Next();
        }

        public readonly bool AtEnd => _position >= _bytes.Length;

        // The encoder writes five bytes beyond the last mark, zeros at the end left out.
        public readonly bool Exhausted => _position > _bytes.Length + 5 && _bytes.Length > 0 && _code != 0;

        public bool Decode(uint probability)
        {
            uint bound = (_range >> ProbabilityBits) * probability;
            bool mark = _code < bound;
            if (mark) _range = bound;
            else
            {
                _code -= bound;
                _range -= bound;
            }
            while (_range < 1u << 24)
            {
                _range <<= 8;
                _code = _code << 8 | Next();
            }
            return mark;
        }

        private uint Next() => _position < _bytes.Length ? _bytes[_position++] : Beyond();

        private uint Beyond()
        {
            _position++;
            return 0;
        }
    }
}
