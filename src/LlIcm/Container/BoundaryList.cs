namespace LlIcm.Container;

/// <summary>
/// The list of boundary symbols as bits: gaps between positions are close to geometrically distributed, so they are
/// Rice coded with the best parameter for the list, each followed by one bit for the side.
/// </summary>
internal static class BoundaryList
{
    /// <summary>Positions are below 2^40.</summary>
    private const int PositionBits = 40;

    public static void Check(ReadOnlySpan<BoundarySymbol> symbols)
    {
        long last = -1;
        foreach (BoundarySymbol symbol in symbols)
        {
            if (symbol.Position <= last || symbol.Position >> PositionBits != 0)
                throw new ArgumentException($"boundary symbols must rise: {last}, {symbol.Position}", nameof(symbols));
            last = symbol.Position;
        }
    }

    public static void Write(ByteWriter writer, ReadOnlySpan<BoundarySymbol> symbols)
    {
        writer.Varint((ulong)symbols.Length);
        if (symbols.IsEmpty) return;
        int parameter = BestParameter(symbols);
        writer.Byte((byte)parameter);
        var bits = new BitWriter(writer);
        long last = -1;
        foreach (BoundarySymbol symbol in symbols)
        {
            long gap = symbol.Position - last - 1;
            for (long quotient = gap >> parameter; quotient > 0; quotient--) bits.Bits(1, 1);
            bits.Bits(0, 1);
            bits.Bits(gap & ((1L << parameter) - 1), parameter);
            bits.Bits(symbol.Upper ? 1 : 0, 1);
            last = symbol.Position;
        }

        bits.Flush();
    }

    public static BoundarySymbol[] Read(ref ByteReader reader)
    {
        ulong count = reader.Varint(ulong.MaxValue);
        if (count == 0) return [];
        int parameter = reader.Byte();
        // Each symbol takes at least the end of its quotient, its remainder and its side.
        if (parameter > PositionBits || count > 8 * (ulong)reader.Remaining / (ulong)(parameter + 2)) throw Damaged();

        var symbols = new BoundarySymbol[count];
        var bits = new BitReader();
        long last = -1;
        for (int i = 0; i < symbols.Length; i++)
        {
            long gap = 0;
            while (bits.Bits(ref reader, 1) != 0)
            {
                gap += 1L << parameter;
                if (gap >> PositionBits != 0) throw Damaged();
            }

            gap |= bits.Bits(ref reader, parameter);
            last += gap + 1;
            if (last >> PositionBits != 0) throw Damaged();
            symbols[i] = new BoundarySymbol(last, bits.Bits(ref reader, 1) != 0);
        }

        if (!bits.RestIsZero) throw Damaged();
        return symbols;
    }

    private static int BestParameter(ReadOnlySpan<BoundarySymbol> symbols)
    {
        int best = 0;
        long least = long.MaxValue;
        for (int parameter = 0; parameter <= PositionBits; parameter++)
        {
            long size = 0;
            long last = -1;
            foreach (BoundarySymbol symbol in symbols)
            {
                size += ((symbol.Position - last - 1) >> parameter) + parameter;
                last = symbol.Position;
            }

            if (size < least) (best, least) = (parameter, size);
        }

        return best;
    }

    private static LlicFormatException Damaged() => new("the list of boundary symbols is damaged");

    /// <summary>Bits from the top of each byte down.</summary>
    private sealed class BitWriter(ByteWriter writer)
    {
        private int _byte;
        private int _used;

        public void Bits(long value, int count)
        {
            for (int i = count - 1; i >= 0; i--)
            {
                _byte = (_byte << 1) | (int)((value >> i) & 1);
                if (++_used == 8) Flush();
            }
        }

        public void Flush()
        {
            if (_used > 0) writer.Byte((byte)(_byte << (8 - _used)));
            _byte = _used = 0;
        }
    }

    private struct BitReader
    {
        private int _byte;
        private int _left;

        public readonly bool RestIsZero => (_byte & ((1 << _left) - 1)) == 0;

        public long Bits(ref ByteReader reader, int count)
        {
            long value = 0;
            for (; count > 0; count--)
            {
                if (_left == 0) (_byte, _left) = (reader.Byte(), 8);
                value = (value << 1) | (long)((_byte >> --_left) & 1);
            }

            return value;
        }
    }
}
