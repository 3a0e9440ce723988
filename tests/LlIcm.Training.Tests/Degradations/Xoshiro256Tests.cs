using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Degradations;

public class Xoshiro256Tests
{
    [Fact]
    public void First_numbers_follow_the_published_algorithm()
    {
        // SplitMix64 of seed 0 begins with these (Vigna's reference); xoshiro256** follows from its first four.
        ulong[] s = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F, 0xF88BB8A8724C81EC];
        Xoshiro256 random = new(0);
        for (int i = 0; i < 100; i++)
        {
            ulong expected = ulong.RotateLeft(s[1] * 5, 7) * 9, t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = ulong.RotateLeft(s[3], 45);
            Assert.Equal(expected, random.NextBits());
        }
    }

    [Fact]
    public void Normal_values_have_the_moments_of_a_normal_distribution()
    {
        float[] values = new float[200_001];
        new Xoshiro256(5).FillNormal(values);
        Assert.Equal(0, values.Average(), 0.01);
        Assert.Equal(1, values.Average(v => (double)v * v), 0.01);
        Assert.Equal(3, values.Average(v => Math.Pow(v, 4)), 0.1);
        Assert.Equal(0.15866, values.Count(v => v > 1f) / 200_001.0, 0.004);
        // Neighbours come of the same 64 bits; they must not depend on each other.
        Assert.Equal(0, values.Skip(1).Zip(values, (a, b) => (double)a * b).Average(), 0.01);
    }

    [Fact]
    public void Mixed_seeds_do_not_collide()
    {
        HashSet<ulong> seeds = [];
        for (ulong step = 0; step < 100; step++)
        {
            for (ulong k = 0; k < 100; k++) Assert.True(seeds.Add(Xoshiro256.Mix(1, step, k)));
        }
    }

    [Fact]
    public void Integers_cover_their_range_evenly()
    {
        Xoshiro256 random = new(9);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++) counts[random.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }
}
