enum { NOTHING_YET };
