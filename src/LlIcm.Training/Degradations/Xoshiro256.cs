using System.Numerics;

namespace LlIcm.Training.Degradations;

/// <summary>
/// The xoshiro256** generator (Blackman and Vigna, 2018): the same numbers for a seed on every machine and in every
/// version of .NET, which <see cref="Random"/> does not promise. Not safe for use by several threads at once.
/// </summary>
public sealed class Xoshiro256
{
    private const int NormalBits = 13;
    private static readonly float[] s_normal = NormalQuantiles(1 << NormalBits);

    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence of a seed (any value, 0 too).</summary>
    public Xoshiro256(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>
    /// A seed made of several numbers, so that (run, step, sample) has a sequence of its own that does not depend on
    /// what was drawn before.
    /// </summary>
    public static ulong Mix(ulong a, ulong b, ulong c = 0)
    {
        ulong state = a;
        state = SplitMix(ref state) ^ b;
        state = SplitMix(ref state) ^ c;
        return SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>Uniform in 0 (included) to 1 (excluded).</summary>
    public float NextFloat() => (NextBits() >> 40) * (1f / (1 << 24));

    /// <summary>Uniform between two values.</summary>
    public float NextFloat(float from, float to) => from + (to - from) * NextFloat();

    /// <summary>Uniform in a range.</summary>
    public float NextFloat(Interval range) => NextFloat(range.Min, range.Max);

    /// <summary>Uniform in 0 to <paramref name="count"/> − 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is smaller than 1.</exception>
    public int NextInt(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return (int)(((NextBits() >> 32) * (ulong)count) >> 32);
    }

    /// <summary>True with the given probability.</summary>
    public bool Chance(float probability) => NextFloat() < probability;

    /// <summary>Standard normal, by the quantile function at 8192 steps (so never beyond ±3.9).</summary>
    public float NextNormal() => s_normal[NextBits() >> (64 - NormalBits)];

    /// <summary>Fills with standard normal values; four for one step of the generator.</summary>
    public void FillNormal(Span<float> values)
    {
        const ulong mask = (1 << NormalBits) - 1;
        float[] table = s_normal;
        int i = 0;
        for (; i + 4 <= values.Length; i += 4)
        {
            ulong bits = NextBits();
            values[i] = table[bits >> (64 - NormalBits)];
            values[i + 1] = table[(bits >> 36) & mask];
            values[i + 2] = table[(bits >> 22) & mask];
            values[i + 3] = table[(bits >> 8) & mask];
        }
        for (; i < values.Length; i++) values[i] = NextNormal();
    }

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static float[] NormalQuantiles(int count)
    {
        // Newton steps on the normal distribution function, whose tail comes from its continued fraction; then scaled
        // so that the variance of the table is 1.
        float[] table = new float[count];
        double sum = 0;
        double x = 0;
        for (int i = count / 2; i < count; i++)
        {
            double upper = (count - i - 0.5) / count;
            for (int step = 0; step < 30; step++)
            {
                double density = Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
                double move = (UpperTail(x, density) - upper) / density;
                x += move;
                if (Math.Abs(move) < 1e-10) break;
            }
            table[i] = (float)x;
            table[count - 1 - i] = -(float)x;
            sum += 2 * x * x;
        }
        float scale = (float)Math.Sqrt(count / sum);
        for (int i = 0; i < count; i++) table[i] *= scale;
        return table;
    }

    private static double UpperTail(double x, double density)
    {
        if (x < 1.5)
        {
            // Power series of the lower half: density * (x + x^3/3 + x^5/15 + ...).
            double term = x, series = x;
            for (int k = 3; Math.Abs(term) > 1e-14; k += 2) series += term *= x * x / k;
            return 0.5 - density * series;
        }
        double fraction = 0;
        for (int k = 60; k > 0; k--) fraction = k / (x + fraction);
        return density / (x + fraction);
    }
}
