using System.Numerics;

namespace LlIcm.EntropyCoding;

/// <summary>How symbols outside a row's range are written: folded to a raw value ≥ 0, sent in 4-bit nibbles.</summary>
internal static class Escape
{
    /// <summary>2·(value - max) above the range, -2·value - 1 below it.</summary>
    /// <exception cref="EntropyCodingException">The raw value would need more than seven nibbles.</exception>
    public static uint RawValue(int symbol, CdfTable.Row row)
    {
        long value = (long)symbol - row.Offset;
        long raw = value < 0 ? (-2 * value) - 1 : 2 * (value - row.Escape);
        if (raw >> (Rans.MaxEscapeNibbles * Rans.NibbleBits) != 0)
            throw new EntropyCodingException($"symbol {symbol} is outside the range that the coder can write");
        return (uint)raw;
    }

    /// <summary>The symbol of a raw value.</summary>
    public static int Symbol(uint raw, CdfTable.Row row)
    {
        int half = (int)(raw >> 1);
        return ((raw & 1) != 0 ? -half - 1 : half + row.Escape) + row.Offset;
    }

    /// <summary>The number of nibbles without leading zeros (0 for 0).</summary>
    public static int PayloadNibbles(uint raw) => (35 - BitOperations.LeadingZeroCount(raw)) >> 2;
}
