using LlIcm.Tensors;

namespace LlIcm.Restoration;

/// <summary>
/// Standard normal numbers that depend on the seed alone, not on machine, library or device: xoshiro256** (Blackman and
/// Vigna) and the polar Box–Muller method on additions, products, quotients and roots, which IEEE 754 rounds in one way
/// only.
/// </summary>
public sealed class SeededNoise : INoiseSource
{
    private readonly ulong[] _state = new ulong[4];
    private double _spare;
    private bool _hasSpare;

    /// <summary>Starts a sequence; seeds that differ in one bit give unrelated ones (SplitMix64).</summary>
    public SeededNoise(ulong seed)
    {
        for (int i = 0; i < _state.Length; i++)
        {
            seed += 0x9E3779B97F4A7C15;
            ulong z = (seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            _state[i] = z ^ (z >> 31);
        }
    }

    /// <inheritdoc/>
    public Tensor Next(ReadOnlySpan<long> shape, Device device)
    {
        long count = 1;
        foreach (long size in shape) count *= size;
        var values = new float[count];
        Fill(values);
        return Tensor.From<float>(values, shape, device);
    }

    /// <summary>The next numbers of the sequence.</summary>
    public void Fill(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = (float)NextNormal();
    }

    private double NextNormal()
    {
        if (_hasSpare)
        {
            _hasSpare = false;
            return _spare;
        }
        double u, v, square;
        do
        {
            u = NextSigned();
            v = NextSigned();
            square = u * u + v * v;
        }
        while (square is >= 1 or 0);
        double factor = Math.Sqrt(-2 * Log(square) / square);
        _spare = v * factor;
        _hasSpare = true;
        return u * factor;
    }

    /// <summary>Uniform on [-1, 1), 53 bits.</summary>
    private double NextSigned() => (NextBits() >> 11) * (2.0 / (1UL << 53)) - 1;

    private ulong NextBits()
    {
        ulong result = ulong.RotateLeft(_state[1] * 5, 7) * 9, shifted = _state[1] << 17;
        _state[2] ^= _state[0];
        _state[3] ^= _state[1];
        _state[1] ^= _state[2];
        _state[0] ^= _state[3];
        _state[2] ^= shifted;
        _state[3] = ulong.RotateLeft(_state[3], 45);
        return result;
    }

    /// <summary>
    /// ln x for normal x in (0, 1): the C library's differs between systems. 2·artanh((m − 1)/(m + 1)) + e·ln 2.
    /// </summary>
    private static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)(bits >> 52) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }
        double z = (mantissa - 1) / (mantissa + 1), square = z * z, sum = 0;
        for (int n = 21; n >= 1; n -= 2) sum = sum * square + 1.0 / n;
        return 2 * z * sum + exponent * 0.6931471805599453;
    }
}
